import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { Failure } from "../text/failure.ts";

/** `netsurgeon lsp`: hands over to the language server, the program beside this one. It reads its transport from the same arguments. */
export function lspCommand(): Command {
  return new Command("lsp")
    .description("Serves editors: findings, shapes, completion, renaming and the rest by the Language Server Protocol.")
    .option("--stdio", "speak over standard input and output (the default)")
    .option("--socket <port>", "speak over a port of this machine")
    .option("--pipe <name>", "speak over a named pipe")
    .addHelpText("after", "\nAn editor starts it; docs/editors.md tells how in Neovim, Helix, Emacs and JetBrains.\n\nExample:\n  $ netsurgeon lsp --stdio")
    .action(serve);
}

async function serve(options: { readonly socket?: string; readonly pipe?: string }, command: Command): Promise<void> {
  if (command.optsWithGlobals<{ limit?: unknown }>().limit !== undefined)
    throw new Failure("bad-request", "the language server takes its limits from the editor", { advice: "Set netsurgeon.limits there." });
  const server = join(__dirname, "server.cjs");
  if (!existsSync(server)) throw new Failure("cannot-read", "the language server is not beside the command line", { file: server });
  if (options.socket === undefined && options.pipe === undefined && !process.argv.includes("--stdio")) process.argv.push("--stdio");
  await import(pathToFileURL(server).href);
}
