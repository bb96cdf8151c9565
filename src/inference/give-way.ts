import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Lowers the priority of this process, all its threads included, to so many of 19 steps below the usual, if it is not there already. */
export function giveWay(steps: number): void {
  try {
    const lower = (thread: number): void => { setPriority(thread, Math.max(getPriority(thread), steps)); };
    lower(process.pid);
    // On Linux that is the main thread and those that it starts from now on; V8's are there already, and have numbers as processes have.
    if (process.platform === "linux") for (const thread of readdirSync("/proc/self/task")) lower(Number(thread));
  } catch {
    // It computes all the same.
  }
}
