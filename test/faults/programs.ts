import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "../..");
export const cli = join(repository, "dist/cli.cjs");
const sample = join(repository, "samples/nuclei32");
export const net = join(sample, "deploy.prototxt");
export const model = join(sample, "nuclei32.caffemodel");

/** The three commands that write, on the sample: the arguments for a target, and what the target is called. */
export const writers = {
  convert: { target: "full.caffemodel", args: (out: string): string[] => ["convert", net, "--weights", model, "--force", "--out", `${out}.prototxt`, "--out-weights", out] },
  export: { target: "net.onnx", args: (out: string): string[] => ["export", net, "--weights", model, "--out", out] },
  segment: {
    target: "map.png",
    args: (out: string): string[] => ["segment", join(sample, "tissue-301x257.png"), "--net", net, "--weights", model, "--mean", join(sample, "mean.binaryproto"), "--method", "simple", "--provider", "cpu", "--force", "--out", out],
  },
} as const;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line on standard error. */
  readonly says: string;
  /** All of standard error. */
  readonly all: string;
}

/** Runs the command line; `meanwhile` is given the process as soon as it runs. */
export function run(args: readonly string[], options: { program?: string; uid?: number; gid?: number; meanwhile?: (pid: number, ended: Promise<unknown>) => void | Promise<void> } = {}): Promise<Ended> {
  const { meanwhile, program = cli, ...identity } = options;
  const child = spawn(process.execPath, [program, ...args], { ...identity, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => { resolve({ code, signal, says: errors.trimEnd().split("\n").at(-1)!, all: errors }); });
  });
  void meanwhile?.(child.pid!, ended);
  return ended;
}

/** A folder of its own for a test, and what is in it. */
export function scratch(): { folder: string; list: () => string[]; read: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "netsurgeon-faults-"));
  return {
    folder,
    list: () => readdirSync(folder).sort(),
    read: (name) => readFileSync(join(folder, name), "latin1"),
    remove: () => { rmSync(folder, { recursive: true, force: true }); },
  };
}
