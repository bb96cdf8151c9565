import { resourceUsage } from "node:process";
import { inputsOf, targets } from "./targets.ts";

/** What the parent (scripts/fuzz.mjs) asks: inputs of a target by seed, or one input of its own making. */
export type Task = { readonly target: string; readonly seed: number; readonly count: number } | { readonly target: string; readonly input: string | Uint8Array };

/** What it hears: which input is being tried, then how it went. `peak` is the process's largest memory so far, in bytes. */
export type Report = { readonly at: number; readonly input: string | Uint8Array } | { readonly tried: number; readonly peak: number; readonly failure?: string };

/** A child of the fuzzer: the parent ends it where an input takes too long or too much memory. */
process.on("message", (task: Task) => {
  void work(task);
});

async function work(task: Task): Promise<void> {
  const inputs = "input" in task ? [task.input] : inputsOf(task.target, task.seed, task.count);
  for (const [at, input] of inputs.entries()) {
    // Sent before the trial, as there may be no after.
    await new Promise((sent) => process.send!({ at, input } satisfies Report, sent));
    try {
      await targets[task.target]!.check(input);
    } catch (cause) {
      const failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      process.send!({ tried: at + 1, peak: peak(), failure } satisfies Report);
      return;
    }
  }
  process.send!({ tried: inputs.length, peak: peak() } satisfies Report);
}

function peak(): number {
  return resourceUsage().maxRSS * 1024;
}
