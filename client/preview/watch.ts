import * as vscode from "vscode";

/** Milliseconds without a further change before one is told: typing and copying come in bursts. */
const REST = 400;

/** Follows a net: `text` hears its text when it has changed, `files` that something beside it came, went or changed. */
export function watchNet(uri: vscode.Uri, text: (text: string, saved: boolean) => void, files: () => void): vscode.Disposable {
  const changed = afterRest(() => {
    void vscode.workspace.openTextDocument(uri).then((document) => { text(document.getText(), !document.isDirty); }, () => undefined);
  });
  const filesChanged = afterRest(files);
  const folder = vscode.Uri.joinPath(uri, "..");
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "*.{prototxt,caffemodel,binaryproto,png,jpg,jpeg,tif,tiff,txt}"));
  const onFile = (file: vscode.Uri): void => {
    if (file.toString() === uri.toString()) changed.call();
    else filesChanged.call();
  };
  return vscode.Disposable.from(
    new vscode.Disposable(changed.stop),
    new vscode.Disposable(filesChanged.stop),
    watcher,
    watcher.onDidChange(onFile),
    watcher.onDidCreate(onFile),
    watcher.onDidDelete(onFile),
    vscode.workspace.onDidChangeTextDocument(({ document }) => { if (document.uri.toString() === uri.toString()) changed.call(); }),
    vscode.workspace.onDidSaveTextDocument((document) => { if (document.uri.toString() === uri.toString()) changed.call(); }),
  );
}

function afterRest(work: () => void): { readonly call: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call: () => {
      clearTimeout(timer);
      timer = setTimeout(work, REST);
    },
    stop: () => { clearTimeout(timer); },
  };
}
