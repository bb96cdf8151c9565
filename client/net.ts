import * as vscode from "vscode";
import type { NetFacts } from "../server/protocol.ts";
import type { Shell } from "./commands.ts";

/** The net that a command is for: its document and what the server knows of it; undefined (with a word to the user) where there is none. */
export async function openNet({ server }: Shell, uri: vscode.Uri | undefined): Promise<{ document: vscode.TextDocument; facts: NetFacts } | undefined> {
  const document = uri === undefined ? undefined : await vscode.workspace.openTextDocument(uri);
  if (document?.languageId !== "prototxt") {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a prototxt first."));
    return undefined;
  }
  await server.ready;
  return { document, facts: await server.request<NetFacts>("netsurgeon/net", { uri: document.uri.toString() }) };
}

/** The model for a net: the one that belongs to it, another beside it, or one that the user chooses. `skip` offers to go on without. */
export async function chooseWeights(document: vscode.TextDocument, facts: NetFacts, title: string, skip?: string): Promise<vscode.Uri | "none" | undefined> {
  const choose = vscode.l10n.t("Choose a model…");
  const found = facts.weights === undefined ? undefined : vscode.Uri.file(facts.weights);
  const others = (await modelsBeside(document.uri)).filter((uri) => uri.path !== found?.path);
  const items: (vscode.QuickPickItem & { uri?: vscode.Uri })[] = [
    ...(found === undefined ? [] : [{ label: nameOf(found), description: isBeside(found, document.uri) ? vscode.l10n.t("belongs to this net") : found.fsPath, uri: found }]),
    ...others.map((uri) => ({ label: nameOf(uri), uri })),
    { label: choose },
    ...(skip === undefined ? [] : [{ label: skip }]),
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t("The net's weights (.caffemodel)") });
  if (picked === undefined) return undefined;
  if (picked.uri !== undefined) return picked.uri;
  if (picked.label !== choose) return "none";
  const files = await vscode.window.showOpenDialog({ title, filters: { [vscode.l10n.t("Caffe models")]: ["caffemodel"] }, defaultUri: vscode.Uri.joinPath(document.uri, "..") });
  return files?.[0];
}

function isBeside(a: vscode.Uri, b: vscode.Uri): boolean {
  return vscode.Uri.joinPath(a, "..").toString() === vscode.Uri.joinPath(b, "..").toString();
}

async function modelsBeside(net: vscode.Uri): Promise<vscode.Uri[]> {
  const folder = vscode.Uri.joinPath(net, "..");
  const entries = await vscode.workspace.fs.readDirectory(folder).then((found) => found, () => []);
  return entries.filter(([name, type]) => type !== vscode.FileType.Directory && name.endsWith(".caffemodel")).map(([name]) => vscode.Uri.joinPath(folder, name));
}

/** The last part of an address, as users know a file. */
export function nameOf(uri: vscode.Uri): string {
  return uri.path.split("/").at(-1)!;
}

/** A file beside another: `deploy.prototxt` and `_full` give `deploy_full.prototxt`. */
export function beside(uri: vscode.Uri, ending: string, extension?: string): vscode.Uri {
  const name = nameOf(uri);
  const dot = name.lastIndexOf(".");
  const [stem, own] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  return vscode.Uri.joinPath(uri, "..", `${stem}${ending}${extension ?? own}`);
}

/** True where none of the files exists, or the user agrees that they are overwritten. */
export async function mayWrite(files: readonly vscode.Uri[]): Promise<boolean> {
  const existing = [];
  for (const file of files) if (await vscode.workspace.fs.stat(file).then(() => true, () => false)) existing.push(nameOf(file));
  if (existing.length === 0) return true;
  const overwrite = vscode.l10n.t("Overwrite");
  return (await vscode.window.showWarningMessage(vscode.l10n.t("{0} exists already.", existing.join(", ")), { modal: true }, overwrite)) === overwrite;
}
