import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "../text/failure.ts";

/**
 * Throws a Failure where a file to be written is one of those that are read, or two are the same. Undefined ones and `-` (standard output) do not count.
 * `advice` says how else to name them.
 */
export function requireApart(outputs: readonly (string | undefined)[], inputs: readonly (string | undefined)[], advice: string): void {
  const isFile = (path: string | undefined): path is string => path !== undefined && path !== "-";
  const taken = new Map(inputs.filter(isFile).map((path) => [real(path), "the output would overwrite the input"]));
  for (const path of outputs.filter(isFile)) {
    const problem = taken.get(real(path));
    if (problem !== undefined) throw new Failure("bad-request", problem, { file: path, advice });
    taken.set(real(path), "two outputs would be written to one file");
  }
}

/** Throws a Failure where a file exists that is not to be overwritten. */
export function requireFree(path: string | undefined, advice: string): void {
  if (path === undefined || path === "-" || !existsSync(path)) return;
  throw new Failure("cannot-write", "exists already", { file: path, advice });
}

/** The path of a file, through symbolic links. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
