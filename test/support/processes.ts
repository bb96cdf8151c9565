import { readdirSync, readFileSync } from "node:fs";

/** Whether a process runs. An orphan that has ended may keep its number for a while, as a "Z" (zombie) in Linux's process table. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && (process.platform !== "linux" || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  } catch {
    return false;
  }
}

/** The processes that a process has started, by any of its threads, where the system tells (Linux). */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
