import type { FileHandle } from "node:fs/promises";
import { open, readFile, rename, rm } from "node:fs/promises";
import { isRunning, machine, realTarget, writeFileAtomic } from "./atomic.ts";
import type { AtomicFile } from "./atomic.ts";
import { Failure, fileFailure } from "./failure.ts";
import { list } from "./words.ts";

/** A file under way that outlives a kill: `NAME.partial` beside its target, with a journal of what is finished in it. */
export interface PartialFile extends AtomicFile {
  /** What the journal of an earlier run of the same request says is finished; empty for a file begun anew. */
  readonly records: readonly string[];
  /** Adds a line to the journal. What it says must be in the file already. */
  record(line: string): Promise<void>;
  /** Closes the file; it and its journal stay for the next run. */
  discard(): Promise<void>;
}

/** What is being made and from what, by name: `{ weights: "sha256 of …", class: "1" }`. Equal only where the result is equal byte for byte. */
export type RequestFacts = Readonly<Record<string, string>>;

/**
 * The partial file for a target: that of an earlier run of the same request, or a new one.
 *
 * A partial file of another request is a `cannot-write` Failure that names what differs, unless it is to be replaced; so is one that a
 * running process writes. One without a readable journal is begun anew.
 */
export async function openPartial(path: string, request: RequestFacts, { replace = false } = {}): Promise<PartialFile> {
  const target = await realTarget(path);
  const partial = `${target.path}.partial`;
  const journalPath = `${partial}.journal`;
  const earlier = await readJournal(journalPath);
  if (earlier?.writer !== undefined)
    throw new Failure("cannot-write", `is being written by another run (process ${earlier.writer})`, { file: `${path}.partial`, advice: "Wait for it to end." });
  const differing = earlier === undefined ? [] : differences(earlier.request, request);
  if (differing.length > 0 && !replace) {
    throw new Failure("cannot-write", `was begun with another ${list(differing)}`, {
      file: `${path}.partial`,
      advice: "Repeat that run to complete it, delete the file, or replace it with --force.",
    });
  }
  const resumed = earlier !== undefined && differing.length === 0;
  try {
    const handle = await openPartialFile(partial, resumed);
    const records = resumed && handle.existed ? earlier.records : [];
    // Written anew, which also drops a line that a kill has cut.
    const lines = [JSON.stringify({ version: VERSION, request }), ...records, `process ${process.pid} ${machine}`];
    await writeFileAtomic(journalPath, `${lines.join("\n")}\n`);
    const journal = await open(journalPath, "a");
    if (target.mode !== undefined) await handle.file.chmod(target.mode).catch(() => undefined);
    return partialFile({ path, target: target.path, partial, journalPath, records }, handle.file, journal);
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure("cannot-write", `${path}.partial`, cause);
  }
}

/** What an earlier run was making for a target when it ended; undefined where nothing is left of one. */
export async function earlierRequest(path: string): Promise<RequestFacts | undefined> {
  return (await readJournal(`${(await realTarget(path)).path}.partial.journal`))?.request;
}

/** The partial files that are open in this process, as the user names their targets: what a Ctrl-C leaves behind on purpose. */
export function openPartials(): readonly string[] {
  return [...underWay];
}

const underWay = new Set<string>();

/** Grows with every change of what partial files or journals mean. */
const VERSION = 1;

interface Paths {
  readonly path: string;
  readonly target: string;
  readonly partial: string;
  readonly journalPath: string;
  readonly records: readonly string[];
}

function partialFile({ path, target, partial, journalPath, records }: Paths, handle: FileHandle, journal: FileHandle): PartialFile {
  underWay.add(path);
  const close = async (): Promise<void> => {
    underWay.delete(path);
    await Promise.all([handle.close(), journal.close()]);
  };
  return {
    handle,
    path: partial,
    records,
    record: async (line) => {
      await journal.appendFile(`${line}\n`);
    },
    commit: async () => {
      try {
        await close();
        await rename(partial, target);
        await rm(journalPath, { force: true });
      } catch (cause) {
        throw fileFailure("cannot-write", path, cause);
      }
    },
    discard: () => close().catch(() => undefined),
  };
}

async function openPartialFile(partial: string, resumed: boolean): Promise<{ file: FileHandle; existed: boolean }> {
  if (resumed) {
    const file = await open(partial, "r+").catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw cause;
    });
    if (file !== undefined) return { file, existed: true };
  }
  return { file: await open(partial, "w+"), existed: false };
}

interface Journal {
  readonly request: RequestFacts;
  readonly records: readonly string[];
  /** A process that is writing it now. */
  readonly writer: number | undefined;
}

async function readJournal(path: string): Promise<Journal | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  // What follows the last line break was cut by a kill.
  const [first, ...lines] = text?.split("\n").slice(0, -1) ?? [];
  const request = first === undefined ? undefined : requestIn(first);
  if (request === undefined) return undefined;
  const writer = /^process (\d+) ([0-9a-f]+)$/.exec(lines.findLast((line) => line.startsWith("process ")) ?? "");
  const pid = Number(writer?.[1]);
  const busy = writer?.[2] === machine && pid !== process.pid && isRunning(pid);
  return { request, records: lines.filter((line) => !line.startsWith("process ")), writer: busy ? pid : undefined };
}

function requestIn(line: string): RequestFacts | undefined {
  try {
    const { version, request } = JSON.parse(line) as { version?: unknown; request?: RequestFacts };
    return version === VERSION && typeof request === "object" ? request : undefined;
  } catch {
    return undefined;
  }
}

function differences(before: RequestFacts, now: RequestFacts): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]);
}
