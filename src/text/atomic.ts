import { createHash, randomBytes } from "node:crypto";
import { unlinkSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, readdir, realpath, rename, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Failure, fileFailure } from "./failure.ts";

/** A file under way: written beside its target under a temporary name, and put in its place at the end. */
export interface AtomicFile {
  /** Open for reading and writing. */
  readonly handle: FileHandle;
  /** The temporary file: `.NAME.PID.RANDOM.part` in the target's folder. */
  readonly path: string;
  /** Closes the file and renames it to the target, which until then is as it was. */
  commit(): Promise<void>;
  /** Closes and deletes the temporary file; the target stays as it was. Does nothing after `commit` or a first `discard`. */
  discard(): Promise<void>;
}

/**
 * Puts `data` into the file at `path`: all of it, or, on any failure, nothing, and what was there before stays.
 *
 * Throws a `cannot-write` {@link Failure}.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    await file.handle.writeFile(data);
  } catch (cause) {
    await file.discard();
    throw fileFailure("cannot-write", path, cause);
  }
  await file.commit();
}

/**
 * A new empty file that takes the place of `path` when it is committed.
 *
 * An existing target keeps its permissions, and is written through a symbolic link. Left-overs of runs that were killed while
 * writing the same target are deleted. Nothing is flushed to the disk itself: this guards against the end of the process, not of
 * the power. Throws a `cannot-write` {@link Failure}; once it has returned, the caller owes a `commit` or a `discard`.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  try {
    const target = await realTarget(path);
    await deleteLeftOvers(target.path);
    const temporary = join(dirname(target.path), temporaryName(basename(target.path)));
    const handle = await open(temporary, "wx+");
    openFiles.add(temporary);
    // A folder without permissions (a network share, say) refuses chmod; the content matters more.
    if (target.mode !== undefined) await handle.chmod(target.mode).catch(() => undefined);
    return atomicFile(path, target.path, temporary, handle);
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure("cannot-write", path, cause);
  }
}

/** Deletes every temporary file still under way, at once and without a promise: for the last moments of a process (Ctrl-C). */
export function discardAll(): void {
  for (const temporary of openFiles) {
    try {
      unlinkSync(temporary);
    } catch {
      // Already gone, or its folder is: either way there is nothing left to delete.
    }
  }
  openFiles.clear();
}

const openFiles = new Set<string>();

function atomicFile(named: string, target: string, temporary: string, handle: FileHandle): AtomicFile {
  let open = true;
  const discard = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await handle.close().catch(() => undefined);
    await unlink(temporary).catch(() => undefined);
    openFiles.delete(temporary);
  };
  const commit = async (): Promise<void> => {
    try {
      await handle.close();
      await rename(temporary, target);
    } catch (cause) {
      await discard();
      throw fileFailure("cannot-write", named, cause);
    }
    open = false;
    openFiles.delete(temporary);
  };
  return { handle, path: temporary, commit, discard };
}

/** Where the bytes shall go in the end, and the permissions of what is there. Throws a `cannot-write` Failure for what is no file. */
export async function realTarget(path: string): Promise<{ path: string; mode?: number }> {
  const there = await stat(path).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  });
  if (there === undefined) return { path: resolve(path) };
  if (there.isDirectory()) throw new Failure("cannot-write", "is a folder, not a file", { file: path });
  if (!there.isFile()) throw new Failure("cannot-write", "is a device, not a file", { file: path });
  // Renaming over a file asks nothing of the file itself, so a write-protected one has to be asked for by hand.
  await (await open(path, "r+")).close();
  return { path: await realpath(path), mode: there.mode & 0o777 };
}

/** Tells apart the processes of machines that share a folder, whose process numbers mean nothing here. */
export const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 4);

function temporaryName(base: string): string {
  return `.${base}.${process.pid}.${machine}${randomBytes(4).toString("hex")}.part`;
}

async function deleteLeftOvers(target: string): Promise<void> {
  const folder = dirname(target);
  const start = `.${basename(target)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(start)) continue;
    const parts = /^(\d+)\.([0-9a-f]{4})[0-9a-f]{8}\.part$/.exec(name.slice(start.length));
    if (parts === null || parts[2] !== machine || isRunning(Number(parts[1]))) continue;
    await unlink(join(folder, name)).catch(() => undefined);
  }
}

/** Whether there is a process of this number on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
