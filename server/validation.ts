import { isConvertible, isLegacy } from "../src/ide/code-lens.ts";
import { diagnostic } from "./convert.ts";
import type { Status } from "./protocol.ts";
import { logDefect, type Server } from "./server.ts";
import { watchWeights } from "./weights.ts";

/** Publishes the findings of every open text after each change; several changes that are already in the pipe are looked at once. */
export function startValidation(server: Server): void {
  const { connection, documents } = server;
  const pending = new Set<string>();
  const durations = new Map<string, number>();
  const weights = watchWeights(server, (uri) => { schedule(uri); });

  const validate = async (uri: string): Promise<void> => {
    const start = performance.now();
    const analysis = await documents.analysis(uri);
    const document = documents.get(uri);
    if (analysis === undefined || document === undefined) return;
    const { rules } = server.client();
    const found = [...analysis.diagnostics, ...weights.findings(uri, analysis)];
    const diagnostics = found.map((one) => diagnostic(uri, analysis.lines, one, rules));
    const status: Status = { uri, version: document.version, isNet: analysis.document.kind === "net" && analysis.net.layers.length > 0, canConvert: isConvertible(analysis), isLegacy: isLegacy(analysis) };
    durations.set(uri, performance.now() - start);
    await connection.sendDiagnostics({ uri, version: status.version, diagnostics });
    if (server.client().commands) await connection.sendNotification("netsurgeon/status", status);
  };
  const schedule = (uri: string): void => {
    if (pending.has(uri)) return;
    pending.add(uri);
    const run = (): void => {
      pending.delete(uri);
      validate(uri).catch((error: unknown) => { logDefect(connection, "diagnostics", error); });
    };
    // A text that takes long is not looked at after every key.
    const last = durations.get(uri) ?? 0;
    if (last < 60) setImmediate(run);
    else setTimeout(run, Math.min(500, last));
  };
  documents.onChange(({ uri }) => { schedule(uri); });
  documents.onSettings(() => {
    for (const { uri } of documents.all()) {
      weights.forget(uri);
      schedule(uri);
    }
  });
  documents.onClose((uri) => {
    durations.delete(uri);
    weights.forget(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  connection.onDidChangeWatchedFiles(() => { weights.filesChanged(); });
}
