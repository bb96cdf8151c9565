import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { Failure, fileFailure } from "../text/failure.ts";
import type { ByteSource } from "./wire.ts";

/** An open file that stays on disk: positional reads, nothing held in memory. */
export interface FileSource extends ByteSource {
  readonly fd: number;
  /** Time of the last change in milliseconds. */
  readonly modified: number;
}

/**
 * Opens a file, hands it to `use` and closes it.
 *
 * Throws a {@link Failure} for a file that is missing, a folder, not readable or empty.
 * With `seen`, also for one whose size or time of change is no longer what it was.
 */
export async function withFile<T>(
  path: string,
  use: (source: FileSource) => T | Promise<T>,
  seen?: { readonly bytes: number; readonly modified: number },
): Promise<T> {
  // Before opening: opening a pipe would wait for its writer.
  const kind = inWords(path, () => statSync(path));
  if (kind.isDirectory()) throw new Failure("cannot-read", "is a folder, not a file.", { file: path });
  if (!kind.isFile()) throw new Failure("cannot-read", "is not an ordinary file.", { file: path });
  const fd = inWords(path, () => openSync(path, "r"));
  try {
    const stat = inWords(path, () => fstatSync(fd));
    if (stat.size === 0) throw new Failure("bad-file", "is empty.", { file: path });
    if (seen !== undefined && (seen.bytes !== stat.size || seen.modified !== stat.mtimeMs)) {
      throw new Failure("bad-file", "was changed by another program while it was in use.", { file: path, advice: "Start again." });
    }
    const read = (target: Uint8Array, position: number): number => inWords(path, () => readFully(fd, target, position));
    return await use({ fd, size: stat.size, modified: stat.mtimeMs, read });
  } finally {
    closeSync(fd);
  }
}

/** Fills `target` from `position` on, or throws a {@link Failure} where the file has become shorter than it was. */
export function readExactly(source: ByteSource, target: Uint8Array, position: number, path: string): void {
  if (source.read(target, position) < target.length) {
    throw new Failure("bad-file", "became shorter while it was read.", { file: path });
  }
}

function readFully(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    // One call must stay below 2 GB.
    const count = readSync(fd, target, done, Math.min(target.length - done, 1 << 30), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function inWords<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileFailure("cannot-read", path, error);
  }
}
