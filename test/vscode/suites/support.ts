import { existsSync } from "node:fs";
import * as vscode from "vscode";

interface Api {
  readonly server: { readonly ready: Promise<void> };
}

/** Net Surgeon as VS Code knows it, active or not. */
export function extension(): vscode.Extension<Api> {
  const found = vscode.extensions.getExtension<Api>("netsurgeon.netsurgeon");
  if (found === undefined) throw new Error("the extension is not there");
  return found;
}

/** The address of a file of the workspace. */
export function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
}

export function exists(name: string): boolean {
  return existsSync(file(name).fsPath);
}

/** Opens a file of the workspace in an editor, with the server at work. */
export async function openFile(name: string): Promise<vscode.TextEditor> {
  return show(await vscode.workspace.openTextDocument(file(name)));
}

/** Opens a text that is in no file. */
export async function openText(content: string): Promise<vscode.TextDocument> {
  return (await show(await vscode.workspace.openTextDocument({ language: "prototxt", content }))).document;
}

async function show(document: vscode.TextDocument): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  await (await extension().activate()).server.ready;
  return editor;
}

/** The place `offset` characters into the first occurrence of a text. */
export function placeOf(document: vscode.TextDocument, text: string, offset: number): vscode.Position {
  const index = document.getText().indexOf(text);
  if (index < 0) throw new Error(`${text} is not in ${document.uri.path}`);
  return document.positionAt(index + offset);
}

export async function replaceText(document: vscode.TextDocument, text: string, by: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(placeOf(document, text, 0), placeOf(document, text, text.length)), by);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error("the text could not be changed");
}

/** Takes back what was changed in a text since it was saved. The command is about the editor in front, which another may have become meanwhile. */
export async function revert(document: vscode.TextDocument): Promise<void> {
  while (document.isDirty) {
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
}

export async function executed<T>(command: string, ...args: unknown[]): Promise<T> {
  return vscode.commands.executeCommand<T>(command, ...args);
}

/** The diagnostics of a text, once they are as wanted. */
export function diagnosed(document: vscode.TextDocument, wanted: (found: readonly vscode.Diagnostic[]) => boolean): Promise<readonly vscode.Diagnostic[]> {
  return eventually(vscode.languages.onDidChangeDiagnostics, () => {
    const found = vscode.languages.getDiagnostics(document.uri);
    return wanted(found) ? found : undefined;
  });
}

/** What `look` finds, asked again after each event of `changes` until there is something. The test's time limit is its limit. */
export async function eventually<T>(changes: vscode.Event<unknown>, look: () => T | undefined): Promise<T> {
  for (;;) {
    // The next event is listened for before the look, so that none is lost between.
    let listening: vscode.Disposable | undefined;
    const next = new Promise<void>((resolve) => { listening = changes(() => { resolve(); }); });
    const found = look();
    if (found === undefined) await next;
    listening?.dispose();
    if (found !== undefined) return found;
  }
}

const dialogs = ["showQuickPick", "showInputBox", "showSaveDialog", "showOpenDialog", "showWarningMessage", "showInformationMessage", "showErrorMessage"] as const;
type Answers = { readonly [K in (typeof dialogs)[number] | "withProgress"]?: (...args: never[]) => unknown };

/** Does `work` with the user's answers to the dialogs it opens, in place of the dialogs. A dialog without an answer is cancelled. */
export async function answering<T>(answers: Answers, work: () => Thenable<T>): Promise<T> {
  const window = vscode.window as unknown as Record<string, unknown>;
  const before = { ...window };
  for (const name of dialogs) window[name] = (...args: never[]) => Promise.resolve(answers[name]?.(...args));
  if (answers.withProgress !== undefined) window["withProgress"] = answers.withProgress;
  try {
    return await work();
  } finally {
    for (const name of [...dialogs, "withProgress"] as const) window[name] = before[name];
  }
}
