import * as vscode from "vscode";
import type { ConvertParams, ConvertResult } from "../../server/protocol.ts";
import type { Shell } from "../commands.ts";
import { beside, chooseWeights, mayWrite, nameOf, openNet } from "../net.ts";

/** Makes a patch classifier fully convolutional, in new files beside the old ones, and shows what changed. */
export async function convert(shell: Shell, uri: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const net = await openNet(shell, uri);
  if (net === undefined) return undefined;
  const { document, facts } = net;
  const title = vscode.l10n.t("Convert to Fully Convolutional");
  if (facts.error !== undefined) throw new Error(vscode.l10n.t("The net has an error. {0}", facts.error));
  if (document.uri.scheme !== "file" && document.uri.scheme !== "vscode-remote") throw new Error(vscode.l10n.t("Save the net to a file first."));
  const imageSize = facts.patch === undefined ? undefined : await askSize(title, facts.patch);
  if (imageSize === "cancelled") return undefined;
  const weights = await chooseWeights(document, facts, title, vscode.l10n.t("Convert the net only"));
  if (weights === undefined) return undefined;
  const out = beside(document.uri, "_full");
  const model = weights === "none" ? undefined : { from: weights, to: beside(weights, "_full") };
  if (!(await mayWrite([out, ...(model === undefined ? [] : [model.to])]))) return undefined;
  const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const workDoneToken = `netsurgeon-convert-${Date.now()}`;
    let done = 0;
    const listening = shell.server.onProgress(workDoneToken, (percentage) => {
      progress.report({ increment: percentage - done, message: vscode.l10n.t("weights") });
      done = percentage;
    });
    const params: ConvertParams = { uri: document.uri.toString(), imageSize, weights: model?.from.fsPath, out: out.fsPath, outWeights: model?.to.fsPath, overwrite: true, workDoneToken };
    return shell.server.request<ConvertResult>("netsurgeon/convert", params, token).finally(() => { listening.dispose(); });
  });
  if ("refused" in result) throw new Error(result.refused);
  for (const line of result.done) shell.log.info(line);
  for (const line of result.obstacles) shell.log.warn(line);
  await vscode.commands.executeCommand("vscode.diff", document.uri, out, vscode.l10n.t("{0} ↔ fully convolutional", nameOf(document.uri)));
  if (result.obstacles.length > 0) {
    void vscode.window.showWarningMessage(vscode.l10n.t("The output will differ from the patch classifier's. {0}", result.obstacles[0]!));
  }
  return out;
}

async function askSize(title: string, [rows, columns]: readonly [number, number]): Promise<readonly [number, number] | undefined | "cancelled"> {
  const keep = vscode.l10n.t("Leave the input at {0} x {1}", rows, columns);
  const image = vscode.l10n.t("For an image…");
  const picked = await vscode.window.showQuickPick([{ label: image, description: vscode.l10n.t("input = image + patch, for edges mirrored by half a patch") }, { label: keep }], {
    title, placeHolder: vscode.l10n.t("The size of the new net's input"),
  });
  if (picked === undefined) return "cancelled";
  if (picked.label === keep) return undefined;
  const text = await vscode.window.showInputBox({
    title, value: "2000 x 2000", prompt: vscode.l10n.t("Rows x columns of the image"),
    validateInput: (value) => (sizeOf(value) === undefined ? vscode.l10n.t("Two numbers: rows x columns, such as 2000 x 1500") : undefined),
  });
  return text === undefined ? "cancelled" : sizeOf(text);
}

function sizeOf(text: string): [number, number] | undefined {
  const match = /^\s*(\d{1,6})\s*[x×*,\s]\s*(\d{1,6})\s*$/i.exec(text);
  const [rows, columns] = [Number(match?.[1]), Number(match?.[2])];
  return rows > 0 && columns > 0 ? [rows, columns] : undefined;
}
