import { PassThrough } from "node:stream";
import { createConnection, createProtocolConnection, StreamMessageReader, StreamMessageWriter, type Diagnostic, type InitializeResult, type ProtocolConnection, type PublishDiagnosticsParams } from "vscode-languageserver/node";
import { startServer } from "../../server/server.ts";

/** An editor with the language server at the other end of two streams in memory. */
export interface TestEditor {
  readonly connection: ProtocolConnection;
  readonly capabilities: InitializeResult["capabilities"];
  /** What the server logged as errors. */
  readonly errors: string[];
  /** Opens a text and waits for its diagnostics. */
  open(uri: string, text: string, version?: number): Promise<Diagnostic[]>;
  /** Replaces the whole text. */
  change(uri: string, version: number, text: string): Promise<Diagnostic[]>;
  /** The diagnostics that a text has now. */
  published(uri: string): readonly Diagnostic[];
  /** The next diagnostics of a text that satisfy `wanted`. */
  diagnostics(uri: string, wanted?: (params: PublishDiagnosticsParams) => boolean): Promise<PublishDiagnosticsParams>;
  request<R>(method: string, params: unknown): Promise<R>;
  /** The next notification of a method. */
  notification<P>(method: string): Promise<P>;
  close(): void;
}

/** Starts a server in this process and introduces an editor to it. */
export async function startEditor(settings: unknown = {}, options: { trusted?: boolean; folders?: string[]; commands?: boolean; annotations?: boolean; snippets?: boolean } = {}): Promise<TestEditor> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer(server);
  server.listen();
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up), console);
  const errors: string[] = [];
  const waiting = new Set<{ uri: string; wanted: (params: PublishDiagnosticsParams) => boolean; resolve: (params: PublishDiagnosticsParams) => void }>();
  connection.onNotification("window/logMessage", ({ type, message }: { type: number; message: string }) => { if (type === 1) errors.push(message); });
  const published = new Map<string, readonly Diagnostic[]>();
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.set(params.uri, params.diagnostics);
    for (const one of waiting) {
      if (one.uri !== params.uri || !one.wanted(params)) continue;
      waiting.delete(one);
      one.resolve(params);
    }
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("workspace/configuration", ({ items }: { items: unknown[] }) => items.map(() => settings));
  connection.onRequest("workspace/inlayHint/refresh", () => null);
  connection.onRequest("workspace/codeLens/refresh", () => null);
  connection.listen();
  const { capabilities } = await connection.sendRequest<InitializeResult>("initialize", {
    processId: null,
    rootUri: null,
    workspaceFolders: (options.folders ?? []).map((uri) => ({ uri, name: "test" })),
    initializationOptions: { commands: options.commands ?? true, trusted: options.trusted ?? true, rules: "file:///rules.md" },
    capabilities: {
      workspace: { configuration: true, workspaceEdit: { documentChanges: true, ...(options.annotations !== false && { changeAnnotationSupport: {} }) } },
      textDocument: { completion: { completionItem: { snippetSupport: options.snippets !== false } } },
    },
  });
  await connection.sendNotification("initialized", {});
  const next = (uri: string, wanted: (params: PublishDiagnosticsParams) => boolean = () => true): Promise<PublishDiagnosticsParams> =>
    new Promise((resolve) => waiting.add({ uri, wanted, resolve }));
  return {
    connection,
    capabilities,
    errors,
    published: (uri) => published.get(uri) ?? [],
    diagnostics: next,
    async open(uri, text, version = 1) {
      const found = next(uri, (params) => params.version === version);
      await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "prototxt", version, text } });
      return (await found).diagnostics;
    },
    async change(uri, version, text) {
      const found = next(uri, (params) => params.version === version);
      await connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ text }] });
      return (await found).diagnostics;
    },
    request: (method, params) => connection.sendRequest(method, params),
    notification: (method) =>
      new Promise((resolve) => {
        const once = connection.onNotification(method, (params: unknown) => {
          once.dispose();
          resolve(params as never);
        });
      }),
    close() {
      connection.dispose();
      server.dispose();
    },
  };
}
