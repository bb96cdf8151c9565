import { Command } from "commander";
import { convertCommand } from "./convert.ts";
import { useLimits, type Limits } from "../text/limits.ts";
import { exportCommand } from "./export.ts";
import { lintCommand } from "./lint.ts";
import { lspCommand } from "./lsp.ts";
import { limitOption, limitsHelp } from "./options.ts";
import { segmentCommand } from "./segment.ts";
import { shapesCommand } from "./shapes.ts";
import { upgradeCommand } from "./upgrade.ts";
import { version } from "../../package.json";

/** The command line as a commander program. Every subcommand is one file. */
export function program(): Command {
  const root = new Command("netsurgeon")
    .description("Checks Caffe nets, converts patch classifiers to fully convolutional nets, and runs them pixel by pixel on large images.")
    .version(version, "-V, --version")
    .option("--debug", "print the stack of unexpected errors")
    .option("--limit <name=number>", "raise or lower a limit on what files may ask for (below); may be given several times", limitOption)
    .hook("preAction", () => { useLimits(root.opts<{ limit?: Limits }>().limit ?? {}); })
    .showHelpAfterError("(netsurgeon --help tells more)")
    .addHelpText(
      "after",
      `
From a patch classifier to a probability map:
  $ netsurgeon lint deploy.prototxt
  $ netsurgeon segment tissue.png --net deploy.prototxt --weights net.caffemodel --mean mean.binaryproto --out map.png

Limits (a file that asks for more is refused, and the message says how to raise the limit):
${limitsHelp()}

Exit codes: 0 all well, 1 findings (lint, verify), 2 it could not be done.`,
    );
  for (const command of [lintCommand, shapesCommand, convertCommand, upgradeCommand, exportCommand, segmentCommand, lspCommand])
    root.addCommand(command().configureHelp({ showGlobalOptions: true }));
  return root;
}
