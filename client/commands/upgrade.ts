import * as vscode from "vscode";
import type { UpgradeResult } from "../../server/protocol.ts";
import type { Shell } from "../commands.ts";
import { openNet } from "../net.ts";

/** Rewrites a net of Caffe's old formats in the current one, in the editor: one step to undo. */
export async function upgrade(shell: Shell, uri: vscode.Uri | undefined): Promise<boolean> {
  const net = await openNet(shell, uri);
  if (net === undefined) return false;
  const { document } = net;
  const result = await shell.server.request<UpgradeResult>("netsurgeon/upgrade", { uri: document.uri.toString() });
  if ("refused" in result) throw new Error(result.refused);
  if (result.changes === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("The net is in the current format already."));
    return false;
  }
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), result.text);
  const done = await vscode.workspace.applyEdit(edit);
  if (done) await vscode.window.showTextDocument(document);
  return done;
}
