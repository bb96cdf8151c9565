import * as vscode from "vscode";
import { registerCommands, type Shell } from "./commands.ts";
import { restorePreviews } from "./preview/panel.ts";
import { registerProvidersPage } from "./preview/providers-page.ts";
import { startServer, type Server } from "./server.ts";
import { followStatus } from "./status.ts";
import { registerTables } from "./tables.ts";

let server: Server | undefined;

/** Starts the language server, without waiting for it, and makes the commands available. Called when a prototxt is opened or a command is used. */
export function activate(context: vscode.ExtensionContext): { readonly server: Server } {
  const log = vscode.window.createOutputChannel("Net Surgeon", { log: true });
  const started = startServer(context, log);
  server = started;
  const providers = registerProvidersPage();
  const shell: Shell = { server: started, log, extension: context.extensionUri, memory: context.workspaceState, storage: context.storageUri ?? context.globalStorageUri, providers };
  context.subscriptions.push(log, providers.registered, followStatus(started), registerTables(started), restorePreviews(shell), ...registerCommands(shell));
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => void started.restart()));
  return { server: started };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
