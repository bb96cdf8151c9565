import * as vscode from "vscode";
import { nameOf } from "./net.ts";
import type { Server } from "./server.ts";

const scheme = "netsurgeon-shapes";

/** Makes tables of shapes and costs available as virtual documents that follow the net they are of. */
export function registerTables(server: Server): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let timer: NodeJS.Timeout | undefined;
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri, token) => {
        const source = sourceOf(uri);
        await vscode.workspace.openTextDocument(source);
        return server.request<string>("netsurgeon/shapes", { uri: source.toString() }, token);
      },
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.languageId !== "prototxt") return;
      clearTimeout(timer);
      timer = setTimeout(() => { changed.fire(tableOf(document.uri)); }, 300);
    }),
  );
}

/** The address of the table of a net. */
export function tableOf(source: vscode.Uri): vscode.Uri {
  const name = nameOf(source);
  return vscode.Uri.from({ scheme, path: `/${name} shapes.md`, query: source.toString() });
}

function sourceOf(table: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(table.query);
}
