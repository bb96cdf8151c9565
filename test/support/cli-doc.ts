import type { Command } from "commander";
import { program } from "../../src/cli/program.ts";

/** docs/cli.md: what `--help` says of the program and of each subcommand. */
export function cliDocument(): string {
  const root = program();
  const parts = [
    "# Command line",
    "",
    "Written from the program's own `--help` by `UPDATE=1 npx vitest run test/cli/doc.test.ts`; do not edit it by hand.",
    ...section("netsurgeon", root),
    ...root.commands.flatMap((command) => section(`netsurgeon ${command.name()}`, command)),
  ];
  return `${parts.join("\n")}\n`;
}

function section(title: string, command: Command): string[] {
  return ["", `## ${title}`, "", "```text", helpOf(command).trimEnd(), "```"];
}

/** What `--help` prints, at a width of its own. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100, getOutHasColors: () => false });
  command.outputHelp();
  return text.split("\n").map((line) => line.trimEnd()).join("\n");
}
