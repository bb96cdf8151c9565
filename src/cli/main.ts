import { discardAll } from "../text/atomic.ts";
import { Failure, sentence } from "../text/failure.ts";
import { openPartials } from "../text/partial.ts";
import { exitCodes } from "./exit-codes.ts";
import { program } from "./program.ts";

/** Runs the command line; resolves to its exit code. */
async function run(argv: readonly string[]): Promise<number> {
  const root = program();
  const settings = [root, ...root.commands];
  for (const command of settings) command.exitOverride();
  try {
    await root.parseAsync([...argv], { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : exitCodes.ok;
  } catch (error) {
    return report(error, root.opts<{ debug?: boolean }>().debug === true);
  }
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof Failure) {
    process.stderr.write(`netsurgeon: ${sentence(error)}\n`);
    if (debug && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ""}\n`);
    return exitCodes.failed;
  }
  // commander has printed its own message; help and version are no errors
  if (isCommanderError(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
  const text = error instanceof Error ? (debug ? (error.stack ?? error.message) : error.message) : String(error);
  process.stderr.write(
    `netsurgeon: a defect of netsurgeon itself: ${text}\n${debug ? "" : "Run it again with --debug (before the subcommand) and report what it prints.\n"}`,
  );
  return exitCodes.failed;
}

function isCommanderError(error: unknown): error is { exitCode: number; code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("commander.");
}

function leftOver(): string {
  const partial = openPartials().map((path) => `${path}.partial`);
  return partial.length === 0 ? "nothing half-written is left." : `the same command goes on from ${partial.join(", ")}.`;
}

/** The program: what a shell starts. */
function main(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      discardAll();
      process.stderr.write(`\nnetsurgeon: cancelled; ${leftOver()}\n`);
      process.exit(signal === "SIGINT" ? 130 : 143);
    });
  }
  // A reader that closes the pipe early (head, less) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  void run(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}

main();
