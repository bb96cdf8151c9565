import * as vscode from "vscode";
import { startEngineProcess } from "../../src/preview/client.ts";
import type { FromEngine, ToEngine } from "../../src/preview/protocol.ts";

/** The preview's engine, in a process of its own: this one passes messages on and computes nothing. */
export interface PreviewEngine {
  send(message: ToEngine): void;
  /** Ends the engine and the inference process. */
  readonly running: vscode.Disposable;
}

/** Starts an engine. `listener` hears what it says; one that comes to an end by itself is reported in the log and to the user. */
export function startPreviewEngine(extension: vscode.Uri, log: vscode.LogOutputChannel, listener: (message: FromEngine) => void): PreviewEngine {
  const engine = startEngineProcess(
    vscode.Uri.joinPath(extension, "dist", "preview.cjs").fsPath,
    (message) => {
      if (message.type === "log") log.error(message.text);
      else listener(message);
    },
    (reason, lastWords) => {
      log.error(`preview: ${reason}\n${lastWords}`);
      listener({ type: "notice", notice: { level: "error", text: vscode.l10n.t("The preview has come to an end: {0}", reason), advice: vscode.l10n.t("Close the panel and open it again.") } });
    },
  );
  return { send: (message) => { engine.send(message); }, running: new vscode.Disposable(() => { engine.close(); }) };
}
