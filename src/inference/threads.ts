import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * How many threads one operator should use: the physical cores this process may run on.
 *
 * Two threads on one core share its arithmetic units, so matrix products gain nothing from them and lose to the waiting.
 * Where the system does not say (macOS, Windows) it is 0, which leaves the count to onnxruntime.
 */
export function physicalCores(folder = "/sys/devices/system/cpu"): number {
  const cores = new Set<string>();
  try {
    for (const name of readdirSync(folder)) {
      if (/^cpu\d+$/.test(name)) cores.add(readFileSync(`${folder}/${name}/topology/thread_siblings_list`, "utf8").trim());
    }
  } catch {
    return 0;
  }
  return Math.min(cores.size, availableParallelism());
}
