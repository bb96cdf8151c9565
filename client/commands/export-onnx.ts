import { spawn } from "node:child_process";
import * as vscode from "vscode";
import { readLimits } from "../../src/text/limits.ts";
import type { Shell } from "../commands.ts";
import { beside, chooseWeights, openNet } from "../net.ts";

/** Writes a net with its weights as ONNX, by the command line in a process of its own, so that large models burden neither editor nor server. */
export async function exportOnnx(shell: Shell, uri: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const net = await openNet(shell, uri);
  if (net === undefined) return undefined;
  const { document, facts } = net;
  const title = vscode.l10n.t("Export to ONNX");
  if (facts.error !== undefined) throw new Error(vscode.l10n.t("The net has an error. {0}", facts.error));
  const weights = await chooseWeights(document, facts, title);
  if (weights === undefined || weights === "none") return undefined;
  let fullyConvolutional = false;
  if (facts.canConvert) {
    const asIs = { label: vscode.l10n.t("As it is"), full: false };
    const picked = await vscode.window.showQuickPick([asIs, { label: vscode.l10n.t("Fully convolutional"), full: true }], { title, placeHolder: vscode.l10n.t("The form of the net") });
    if (picked === undefined) return undefined;
    fullyConvolutional = picked.full;
  }
  const out = await vscode.window.showSaveDialog({ title, defaultUri: beside(document.uri, fullyConvolutional ? "_full" : "", ".onnx"), filters: { ONNX: ["onnx"] } });
  if (out === undefined || (document.isDirty && !(await document.save()))) return undefined;
  const args = ["export", document.uri.fsPath, "--weights", weights.fsPath, "--out", out.fsPath, ...limitArguments(), ...(fullyConvolutional ? ["--fully-convolutional"] : [])];
  const said = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (_progress, token) => runCli(shell, args, token));
  shell.log.info(said);
  void vscode.window.showInformationMessage(said);
  return out;
}

/** The user's limits as the command line takes them. */
function limitArguments(): string[] {
  const given = readLimits(vscode.workspace.getConfiguration("netsurgeon").get("limits"));
  return Object.entries(given).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
}

/** Runs the command line and gives what it says; cancelling ends it, and it leaves nothing half-written. */
async function runCli({ extension }: Shell, args: readonly string[], token: vscode.CancellationToken): Promise<string> {
  const cli = vscode.Uri.joinPath(extension, "dist", "cli.cjs").fsPath;
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", error: "" };
  child.stdout.on("data", (data: Buffer) => (said.out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (said.error += data.toString()));
  token.onCancellationRequested(() => child.kill());
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (token.isCancellationRequested) throw new vscode.CancellationError();
  if (code === null || code > 1) throw new Error(said.error.trim().split("\n").at(-1) ?? vscode.l10n.t("The export failed."));
  return said.out.trim();
}
