import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, TransportKind, WorkDoneProgress, type LanguageClientOptions } from "vscode-languageclient/node";

/** The client of the server, which it runs in a process of its own, connected by node's own channel. It is not started yet. */
export function makeClient(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): LanguageClient {
  const module = vscode.Uri.joinPath(context.extensionUri, "dist", "server.cjs").fsPath;
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "prototxt" }],
    outputChannel: log,
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.caffemodel") },
    initializationOptions: () => ({
      commands: true,
      trusted: vscode.workspace.isTrusted,
      rules: vscode.Uri.joinPath(context.extensionUri, "docs", "rules.md").toString(),
    }),
    errorHandler: {
      error: (_error, _message, count) => ({ action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown }),
      closed: () => ({ action: restarts() ? CloseAction.Restart : CloseAction.DoNotRestart }),
    },
  };
  return new LanguageClient("netsurgeon", "Net Surgeon", { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc, options: { execArgv: ["--nolazy", "--inspect=6019"] } } }, options);
}

/** Hears how far a task of the server is, in percent. */
export function followProgress(client: LanguageClient, token: string, listener: (percentage: number) => void): vscode.Disposable {
  return client.onProgress(WorkDoneProgress.type, token, (value) => { if (value.kind === "report") listener(value.percentage ?? 0); });
}

const times: number[] = [];

/** True unless the server has come to an end five times within three minutes: then something is wrong that a start will not mend. */
function restarts(): boolean {
  times.push(Date.now());
  return times.filter((time) => Date.now() - time < 180_000).length <= 5;
}
