import * as vscode from "vscode";
import type { Shell } from "../commands.ts";
import { startPreviewEngine } from "./engine.ts";

const scheme = "netsurgeon-providers";
const address = vscode.Uri.from({ scheme, path: "/Inference providers.md" });

/** Makes the report on execution providers available as a virtual document. */
export function registerProvidersPage(): { readonly registered: vscode.Disposable; show(text: string): Promise<vscode.TextEditor> } {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let content = "";
  const registered = vscode.workspace.registerTextDocumentContentProvider(scheme, { onDidChange: changed.event, provideTextDocumentContent: () => content });
  return {
    registered: vscode.Disposable.from(registered, changed),
    async show(text) {
      content = text;
      changed.fire(address);
      const document = await vscode.workspace.openTextDocument(address);
      return vscode.window.showTextDocument(await vscode.languages.setTextDocumentLanguage(document, "markdown"), { preview: true });
    },
  };
}

/** The report: every provider tried on this machine, in processes of their own. */
export async function providersReport(shell: Shell): Promise<string> {
  return new Promise((resolve, reject) => {
    const engine = startPreviewEngine(shell.extension, shell.log, (message) => {
      if (message.type === "providers") resolve(message.text);
      else if (message.type === "notice") reject(new Error(message.notice.text));
      else return;
      engine.running.dispose();
    });
    engine.send({ type: "providers" });
  });
}
