import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * Whether a process that gives way is started in a session of its own (`detached`). Linux may share the processor out between sessions before it looks at
 * the priorities in them ("autogroup"): what such a process takes would be missing to the editor that started it.
 */
export const ownSession = process.platform === "linux";

/** Lowers the priority of this process, one of {@link ownSession}, by so many of 19 steps: of its threads too, as long as there are none yet. */
export function giveWay(steps: number): void {
  try {
    setPriority(steps);
    if (ownSession) writeFileSync("/proc/self/autogroup", String(steps));
  } catch {
    // It computes all the same.
  }
}
