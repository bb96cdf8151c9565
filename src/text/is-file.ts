import { stat } from "node:fs/promises";

/** True where a path leads to a file. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}
