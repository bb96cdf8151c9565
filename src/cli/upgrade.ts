import { Command } from "commander";
import { writeFileAtomic } from "../text/atomic.ts";
import { upgradeText } from "../surgery/upgrade.ts";
import { counted } from "../text/words.ts";
import { encoded, netFailure, readNetFile } from "./net-file.ts";
import { diagnosticLines, say, sayText, warn } from "./print.ts";

interface UpgradeOptions {
  readonly out?: string;
  readonly inPlace?: boolean;
  readonly dialect?: string;
}

/** `netsurgeon upgrade FILE` */
export function upgradeCommand(): Command {
  return new Command("upgrade")
    .description(
      "Writes a net of Caffe's old formats (V0, V1, net-level input) in the current one, as Caffe itself would read it. Comments stay.",
    )
    .argument("<file>", "a prototxt")
    .option("--out <file>", "where the result goes (default: standard output)")
    .option("--in-place", "write the result over the file")
    .option("--dialect <name>", "the Caffe the net is for")
    .addHelpText("after", "\nExample:\n  $ netsurgeon upgrade old.prototxt --out new.prototxt")
    .action(upgradeFile);
}

async function upgradeFile(file: string, options: UpgradeOptions): Promise<void> {
  const document = await readNetFile(file, options);
  const { edits, text, problems } = upgradeText(document);
  const errors = [...document.diagnostics, ...problems].filter((d) => d.severity === "error");
  if (errors[0] !== undefined) throw netFailure(file, document, errors, errors[0]);
  for (const line of diagnosticLines(file, document, problems)) warn(line);
  const target = options.inPlace === true ? file : options.out;
  if (target === undefined) sayText(text, encoded(document, text));
  else {
    await writeFileAtomic(target, encoded(document, text));
    say(
      edits.length === 0
        ? `${file} is in the current format already; wrote ${target}`
        : `wrote ${target} (${counted(edits.length, "change")})`,
    );
  }
}
