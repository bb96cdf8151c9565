import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, TransportKind, WorkDoneProgress, type LanguageClientOptions } from "vscode-languageclient/node";
import type { Status } from "../server/protocol.ts";

/** The language server as the commands see it. */
export interface Server {
  /** Settled once the server answers. */
  readonly ready: Promise<void>;
  /** Sends a request; the answer's type is the caller's to know (server/protocol.ts). */
  request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R>;
  /** The server's word on what can be done with a text, after each look at it. */
  onStatus(listener: (status: Status) => void): vscode.Disposable;
  onProgress(token: string, listener: (percentage: number) => void): vscode.Disposable;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server in a process of its own, connected by node's own channel. */
export function startServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Server {
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
  const client = new LanguageClient("netsurgeon", "Net Surgeon", { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc, options: { execArgv: ["--nolazy", "--inspect=6019"] } } }, options);
  return {
    ready: client.start(),
    // A token that is undefined would be sent as a second parameter.
    request: (method, params, token) => (token === undefined ? client.sendRequest(method, params) : client.sendRequest(method, params, token)),
    onStatus: (listener) => client.onNotification("netsurgeon/status", listener),
    onProgress: (token, listener) => client.onProgress(WorkDoneProgress.type, token, (value) => { if (value.kind === "report") listener(value.percentage ?? 0); }),
    restart: () => client.restart(),
    stop: () => client.stop(),
  };
}

const times: number[] = [];

/** True unless the server has come to an end five times within three minutes: then something is wrong that a start will not mend. */
function restarts(): boolean {
  times.push(Date.now());
  return times.filter((time) => Date.now() - time < 180_000).length <= 5;
}
