import * as vscode from "vscode";
import type { Shell } from "../commands.ts";
import { providersReport } from "../preview/providers-page.ts";

/** Tries all execution providers and shows which work, how fast, and what the others lack. */
export async function checkProviders(shell: Shell): Promise<string> {
  const title = vscode.l10n.t("Trying inference providers…");
  const text = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => providersReport(shell));
  await shell.providers.show(text);
  return text;
}
