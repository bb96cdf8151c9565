import { getPriority, setPriority } from "node:os";

/**
 * Lowers the priority of this process to so many of 19 steps below the usual: of its threads too, as long as there are none yet. It stays in the session of who started it, where
 * the system weighs it against the editor's own processes; one of its own would be weighed as a whole against the whole editor (Linux's "autogroup").
 */
export function giveWay(steps: number): void {
  try {
    setPriority(Math.max(getPriority(), steps));
  } catch {
    // It computes all the same.
  }
}
