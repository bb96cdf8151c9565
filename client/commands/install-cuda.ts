import * as vscode from "vscode";
import type { Shell } from "../commands.ts";

/** Runs onnxruntime-node's own installer for its CUDA libraries, in a terminal where the user sees it, after the user has agreed. */
export async function installCuda({ extension }: Shell): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("onnxruntime has CUDA libraries for Linux on x64 only; this is {0} {1}. Check Inference Providers says what can be used here.", process.platform, process.arch),
    );
    return;
  }
  const script = vscode.Uri.joinPath(extension, "node_modules", "onnxruntime-node", "script", "install.js");
  const isThere = await vscode.workspace.fs.stat(script).then(() => true, () => false);
  if (!isThere) throw new Error(vscode.l10n.t("This build of the extension is without onnxruntime's installer. Install the one for linux-x64."));
  const install = vscode.l10n.t("Install");
  const detail = vscode.l10n.t("Downloads some hundred MB from NuGet into the extension's folder. Needed besides: an NVIDIA card with its driver, CUDA 12 and cuDNN 9. An update of the extension removes them again.");
  if ((await vscode.window.showWarningMessage(vscode.l10n.t("Install onnxruntime's CUDA libraries?"), { modal: true, detail }, install)) !== install) return;
  // VS Code's own program runs as Node, so that none need be installed.
  const terminal = vscode.window.createTerminal({
    name: vscode.l10n.t("CUDA libraries"),
    shellPath: process.execPath,
    shellArgs: [script.fsPath, "--onnxruntime-node-install=cuda12"],
    env: { ELECTRON_RUN_AS_NODE: "1" },
  });
  terminal.show();
}
