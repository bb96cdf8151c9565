import * as vscode from "vscode";
import { checkProviders } from "./commands/check-providers.ts";
import { checkWeights } from "./commands/check-weights.ts";
import { convert } from "./commands/convert.ts";
import { exportOnnx } from "./commands/export-onnx.ts";
import { installCuda } from "./commands/install-cuda.ts";
import { openSample } from "./commands/open-sample.ts";
import { preview } from "./commands/preview.ts";
import { restartServer } from "./commands/restart-server.ts";
import { showLog } from "./commands/show-log.ts";
import { showShapes } from "./commands/show-shapes.ts";
import { upgrade } from "./commands/upgrade.ts";
import type { Server } from "./server.ts";

/** What a command works with. */
export interface Shell {
  readonly server: Server;
  readonly log: vscode.LogOutputChannel;
  /** The folder of the extension. */
  readonly extension: vscode.Uri;
  /** What is remembered for this workspace, and a folder to keep files in. */
  readonly memory: vscode.Memento;
  readonly storage: vscode.Uri;
  /** Shows a report on execution providers. */
  readonly providers: { show(text: string): Promise<unknown> };
}

/** A command; the net it is for is the one given, else the one that the user has open. */
export type Command = (shell: Shell, uri: vscode.Uri | undefined) => Promise<unknown>;

/** All commands, by the name that package.json gives them. Adding one is adding its file and a line here. */
const commands: Readonly<Record<string, Command>> = {
  "netsurgeon.convert": convert,
  "netsurgeon.exportOnnx": exportOnnx,
  "netsurgeon.upgrade": upgrade,
  "netsurgeon.checkWeights": checkWeights,
  "netsurgeon.showShapes": showShapes,
  "netsurgeon.preview": preview,
  "netsurgeon.openSample": openSample,
  "netsurgeon.checkProviders": checkProviders,
  "netsurgeon.installCuda": installCuda,
  "netsurgeon.restartServer": restartServer,
  "netsurgeon.showLog": showLog,
};

/** The text in the active editor; where a page without one is in front, such as the walkthrough, the prototxt opened last. */
function currentText(): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active !== undefined) return active;
  const texts = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
  return texts.findLast(({ path }) => path.endsWith(".prototxt"));
}

export function registerCommands(shell: Shell): vscode.Disposable[] {
  return Object.entries(commands).map(([name, command]) =>
    vscode.commands.registerCommand(name, async (given?: vscode.Uri | string) => {
      const uri = typeof given === "string" ? vscode.Uri.parse(given) : (given ?? currentText());
      try {
        return await command(shell, uri);
      } catch (error) {
        if (error instanceof vscode.CancellationError) return undefined;
        shell.log.error(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        // Not awaited: the command is over, whether the message is read or not.
        void vscode.window.showErrorMessage(vscode.l10n.t("Net Surgeon: {0}", error instanceof Error ? error.message : String(error)));
        return undefined;
      }
    }),
  );
}
