import * as vscode from "vscode";
import type { Shell } from "../commands.ts";
import { showPreview, type Preview } from "../preview/panel.ts";

/** Shows what a net makes of an image, in a panel beside its text. */
export async function preview(shell: Shell, uri: vscode.Uri | undefined): Promise<Preview | undefined> {
  const document = uri === undefined ? undefined : await vscode.workspace.openTextDocument(uri);
  if (document?.languageId !== "prototxt") {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a prototxt first."));
    return undefined;
  }
  if (document.uri.scheme !== "file" && document.uri.scheme !== "vscode-remote") throw new Error(vscode.l10n.t("Save the net to a file first."));
  return showPreview(shell, document);
}
