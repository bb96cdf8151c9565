import * as vscode from "vscode";
import type { Shell } from "../commands.ts";

/** Opens the net of the sample, in a copy of its folder that the user may change: model, mean and images lie beside it. */
export async function openSample({ extension, storage }: Shell): Promise<vscode.Uri> {
  const folder = vscode.Uri.joinPath(storage, "sample");
  const source = vscode.Uri.joinPath(extension, "samples", "nuclei32");
  for (const [name, type] of await vscode.workspace.fs.readDirectory(source)) {
    if (type === vscode.FileType.Directory) continue;
    const copy = vscode.Uri.joinPath(folder, name);
    // What the user has changed of an earlier copy stays.
    if (await vscode.workspace.fs.stat(copy).then(() => true, () => false)) continue;
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(source, name), copy);
  }
  const net = vscode.Uri.joinPath(folder, "deploy.prototxt");
  await vscode.window.showTextDocument(net, { preview: false });
  return net;
}
