import { Worker } from "node:worker_threads";
import * as vscode from "vscode";
import type { FromEngine, ToEngine } from "../../src/preview/protocol.ts";

/** The preview's engine, in a thread of its own: this process passes messages on and computes nothing. */
export interface PreviewEngine {
  send(message: ToEngine): void;
  /** Ends the thread and the inference process. */
  readonly running: vscode.Disposable;
}

/** Starts an engine. `listener` hears what it says; a thread that comes to an end by itself is reported in the log and to the user. */
export function startPreviewEngine(extension: vscode.Uri, log: vscode.LogOutputChannel, listener: (message: FromEngine) => void): PreviewEngine {
  const worker = new Worker(vscode.Uri.joinPath(extension, "dist", "preview.cjs").fsPath);
  worker.on("message", (message: FromEngine) => {
    if (message.type === "log") log.error(message.text);
    else listener(message);
  });
  worker.on("error", (error) => {
    log.error(`preview: ${error.stack ?? error.message}`);
    listener({ type: "notice", notice: { level: "error", text: vscode.l10n.t("The preview has come to an end: {0}", error.message), advice: vscode.l10n.t("Close the panel and open it again.") } });
  });
  return {
    send: (message) => { worker.postMessage(message); },
    // It ends the inference process, then its port, and with it the thread.
    running: new vscode.Disposable(() => { worker.postMessage({ type: "close" }); }),
  };
}
