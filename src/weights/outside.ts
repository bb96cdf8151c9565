import { realpath } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";

/**
 * True where a path leads out of all these folders, links followed: a text that names it would have a file read that its user never pointed at.
 * A file that does not exist is judged by its path.
 */
export async function liesOutside(path: string, folders: readonly string[]): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  const homes = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return homes.every((home) => {
    const from = relative(home, real);
    return from === ".." || from.startsWith(`..${sep}`) || isAbsolute(from);
  });
}
