import * as vscode from "vscode";
import type { Status } from "../server/protocol.ts";
import type { Server } from "./server.ts";

/** Keeps the context keys that menus and palette go by: `netsurgeon.isNet`, `netsurgeon.canConvert`, `netsurgeon.isLegacy`, for the active editor. */
export function followStatus(server: Server): vscode.Disposable {
  const known = new Map<string, Status>();
  const show = (): void => {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const status = uri === undefined ? undefined : known.get(uri);
    for (const key of ["isNet", "canConvert", "isLegacy"] as const) void vscode.commands.executeCommand("setContext", `netsurgeon.${key}`, status?.[key] === true);
  };
  return vscode.Disposable.from(
    server.onStatus((status) => {
      // The server writes addresses in a form of its own (%3A); what is compared is VS Code's.
      known.set(vscode.Uri.parse(status.uri).toString(), status);
      show();
    }),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
  );
}
