import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Third-party nets and models beside the repository, where there are some: read in place, never copied. */
export const realFolder = join(import.meta.dirname, "../../../shared/data/real");

/** True where they are there; tests over them are skipped elsewhere. */
export const hasReal = existsSync(realFolder);

/** The text of one of their files. */
export function realText(...path: string[]): string {
  return readFileSync(join(realFolder, ...path), "utf8");
}
