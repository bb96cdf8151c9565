import * as vscode from "vscode";

/** Net Surgeon as VS Code knows it, active or not. */
export function extension(): vscode.Extension<{ readonly server: { readonly ready: Promise<void> } }> {
  const found = vscode.extensions.getExtension<{ readonly server: { readonly ready: Promise<void> } }>("netsurgeon.netsurgeon");
  if (found === undefined) throw new Error("the extension is not there");
  return found;
}

/** The address of a file of the workspace. */
export function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
}

/** Opens a file of the workspace in an editor and waits until the server has looked at it. */
export async function openFile(name: string): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file(name)));
  await (await extension().activate()).server.ready;
  return editor;
}

/** What `look` finds, asked again after each event of `changes` until there is something. The test's time limit is its limit. */
export async function eventually<T>(changes: vscode.Event<unknown>, look: () => T | undefined): Promise<T> {
  for (;;) {
    // The next event is listened for before the look, so that none is lost between.
    const next = new Promise<void>((resolve) => { const listening = changes(() => { listening.dispose(); resolve(); }); });
    const found = look();
    if (found !== undefined) return found;
    await next;
  }
}

type Answers = { readonly [K in "showQuickPick" | "showInputBox" | "showSaveDialog" | "showOpenDialog" | "showWarningMessage" | "showInformationMessage" | "showErrorMessage"]?: (...args: never[]) => unknown };

/** Does `work` with the user's answers to the dialogs it opens, in place of the dialogs. A dialog without an answer is cancelled. */
export async function answering<T>(answers: Answers, work: () => Thenable<T>): Promise<T> {
  const window = vscode.window as unknown as Record<string, unknown>;
  const names = ["showQuickPick", "showInputBox", "showSaveDialog", "showOpenDialog", "showWarningMessage", "showInformationMessage", "showErrorMessage"] as const;
  const before = names.map((name) => window[name]);
  for (const name of names) window[name] = (...args: never[]) => Promise.resolve(answers[name]?.(...args));
  try {
    return await work();
  } finally {
    for (const [i, name] of names.entries()) window[name] = before[i];
  }
}
