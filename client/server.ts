import * as vscode from "vscode";
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

/**
 * Starts the server after what is under way now: loading what talks with it takes as long as all else that activation does. What is asked before it is
 * there waits for it.
 */
export function startServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Server {
  const client = new Promise((resolve) => setImmediate(resolve)).then(async () => {
    const { followProgress, makeClient } = await import("./language-client.ts");
    return { languageClient: makeClient(context, log), followProgress };
  });
  const later = (subscribe: (made: Awaited<typeof client>) => vscode.Disposable): vscode.Disposable => {
    const subscription = client.then(subscribe);
    return new vscode.Disposable(() => void subscription.then((made) => { made.dispose(); }));
  };
  return {
    ready: client.then(({ languageClient }) => languageClient.start()),
    async request(method, params, token) {
      const { languageClient } = await client;
      // A token that is undefined would be sent as a second parameter.
      return token === undefined ? languageClient.sendRequest(method, params) : languageClient.sendRequest(method, params, token);
    },
    onStatus: (listener) => later(({ languageClient }) => languageClient.onNotification("netsurgeon/status", listener)),
    onProgress: (token, listener) => later(({ languageClient, followProgress }) => followProgress(languageClient, token, listener)),
    restart: async () => (await client).languageClient.restart(),
    stop: async () => (await client).languageClient.stop(),
  };
}
