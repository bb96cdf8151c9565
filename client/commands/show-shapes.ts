import * as vscode from "vscode";
import type { Shell } from "../commands.ts";
import { openNet } from "../net.ts";
import { tableOf } from "../tables.ts";

/** Shows every layer's shapes and costs as a table beside the net; the table follows the text. */
export async function showShapes(shell: Shell, uri: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const net = await openNet(shell, uri);
  if (net === undefined) return undefined;
  const table = tableOf(net.document.uri);
  await vscode.commands.executeCommand("markdown.showPreviewToSide", table).then(undefined, () => vscode.window.showTextDocument(table, { viewColumn: vscode.ViewColumn.Beside, preview: true }));
  return table;
}
