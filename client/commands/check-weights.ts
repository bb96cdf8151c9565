import * as vscode from "vscode";
import type { WeightsResult } from "../../server/protocol.ts";
import type { Shell } from "../commands.ts";
import { chooseWeights, nameOf, openNet } from "../net.ts";

/** Compares a net with a model and says how they fit. */
export async function checkWeights(shell: Shell, uri: vscode.Uri | undefined): Promise<WeightsResult | undefined> {
  const net = await openNet(shell, uri);
  if (net === undefined) return undefined;
  const { document, facts } = net;
  const weights = await chooseWeights(document, facts, vscode.l10n.t("Check Weights"));
  if (weights === undefined || weights === "none") return undefined;
  const result = await shell.server.request<WeightsResult>("netsurgeon/checkWeights", { uri: document.uri.toString(), weights: weights.fsPath });
  const name = nameOf(weights);
  for (const finding of result.findings) shell.log.warn(finding);
  const verdicts = {
    "same net": vscode.l10n.t("{0} fits the net.", name),
    "needs surgery": vscode.l10n.t("{0} holds the same numbers in other shapes: convert the weights.", name),
    "different nets": vscode.l10n.t("{0} is of another net.", name),
  };
  const details = vscode.l10n.t("Details");
  const show = result.verdict === "same net" ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  void show([verdicts[result.verdict], ...result.findings.slice(0, 1)].join(" "), ...(result.findings.length > 0 ? [details] : [])).then((chosen) => {
    if (chosen === details) shell.log.show();
  });
  return result;
}
