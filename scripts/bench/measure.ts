import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians of what each task gives, all run one after the other, round after round, so that whatever else the machine does falls on all alike. */
export async function interleaved<K extends string>(rounds: number, tasks: Readonly<Record<K, () => Promise<number>>>): Promise<Record<K, number>> {
  const names = Object.keys(tasks) as K[];
  const results = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results.get(name)!.push(await tasks[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(results.get(name)!)])) as Record<K, number>;
}

/** Seconds that some work takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The exponent k with which y grows as x^k, by least squares of the logarithms. */
export function exponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const [mx, my] = [0, 1].map((i) => logs.reduce((sum, point) => sum + point[i as 0 | 1], 0) / logs.length) as [number, number];
  return logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

export interface ProgramRun {
  readonly out: string;
  readonly seconds: number;
  /** Most memory that the program and each of its child processes held, added up, in bytes; NaN where the system does not say (it needs /proc). */
  readonly peak: number;
}

/** Runs a Node program to its end; anything but exit code 0 is an error. */
export async function runProgram(args: readonly string[]): Promise<ProgramRun> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const peaks = new Map<number, number>();
  const timer = setInterval(() => { look(child.pid!, peaks); }, 20);
  let out = "";
  child.stdout.on("data", (text) => { out += String(text); });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  const peak = peaks.size === 0 ? NaN : [...peaks.values()].reduce((a, b) => a + b, 0);
  return { out, seconds: (performance.now() - start) / 1000, peak };
}

/** Notes the high-water marks of a process and its children. */
function look(pid: number, peaks: Map<number, number>): void {
  try {
    const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    if (kilobytes > 0) peaks.set(pid, kilobytes * 1024);
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")) if (child !== "") look(Number(child), peaks);
  } catch {
    // It has just ended, or this is not Linux.
  }
}
