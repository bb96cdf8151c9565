import { format } from "node:util";
import Mocha from "mocha";
import { activation } from "./activation.ts";
import { commands } from "./commands.ts";
import { diagnostics } from "./diagnostics.ts";
import { editing } from "./editing.ts";
import { preview } from "./preview.ts";
import { end, say } from "./report.ts";

/** All suites; adding one is adding its file and a line here. */
const suites: readonly (() => void)[] = [activation, diagnostics, editing, commands, preview];

/** Called by VS Code inside its extension host. Rejects where a test fails, or where none ran. */
export async function run(): Promise<void> {
  (Mocha.reporters.Base as unknown as { consoleLog: typeof console.log }).consoleLog = (...args: unknown[]) => { say(format(...args)); };
  const mocha = new Mocha({ ui: "tdd", timeout: 60_000, color: false, reporter: "spec", ...(process.env["NETSURGEON_GREP"] !== undefined && { grep: process.env["NETSURGEON_GREP"] }) });
  // It makes `suite` and `test` known, as loading a file would.
  mocha.suite.emit("pre-require", globalThis as unknown as Mocha.MochaGlobals, "", mocha);
  for (const register of suites) register();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => { resolve(); });
    runner.on("pass", () => counts.passed++);
    runner.on("fail", () => counts.failed++);
    runner.on("pending", () => counts.skipped++);
  });
  end(counts);
  if (counts.failed > 0) throw new Error(`${counts.failed} tests failed`);
  if (counts.passed === 0) throw new Error("no test ran");
}
