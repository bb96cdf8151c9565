import { printable } from "./words.ts";

/** What kind of trouble a {@link Failure} reports; the command line chooses its exit code and hints by it. */
export type FailureKind =
  | "cannot-read" // a file that is missing, a folder, or not permitted
  | "cannot-write" // disk full, read-only, no such folder
  | "bad-file" // a file that is not what its name says: truncated, another format
  | "bad-net" // a net that cannot serve the purpose: errors in it, unknown shapes
  | "bad-weights" // weights that do not fit the net
  | "bad-request" // options that contradict each other or the input
  | "inference" // the inference process or its execution provider failed
  | "cancelled";

/** Facts about a {@link Failure} beside its sentence. */
export interface FailureDetails {
  /** The file at fault, as the user named it. */
  readonly file?: string;
  /** Where in the file: `line 12`, `byte 38,211`, `layer 'conv2'`. */
  readonly place?: string;
  /** What the user can do. One sentence. */
  readonly advice?: string;
  readonly cause?: unknown;
}

/**
 * An input that cannot be used, said in one sentence for the user.
 *
 * The only error the engine throws on purpose; whatever else is thrown is a defect of ours.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly file: string | undefined;
  readonly place: string | undefined;
  readonly advice: string | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Failure";
    this.kind = kind;
    this.file = details.file;
    this.place = details.place;
    this.advice = details.advice;
  }
}

/** The failure as one line: `FILE: PLACE: what happened. What to do.` Control characters of names that a file gave are replaced. */
export function sentence(failure: Failure): string {
  const where = [failure.file, failure.place].filter((part) => part !== undefined);
  const advice = failure.advice === undefined ? [] : [failure.advice];
  const what = [...where, failure.message].join(": ");
  return printable([advice.length > 0 && !/[.!?]$/.test(what) ? `${what}.` : what, ...advice].join(" "));
}

/** The {@link Failure} for a file-system error, in words: `no such file`, `is a folder`, `permission denied`, `the disk is full`. */
export function fileFailure(kind: "cannot-read" | "cannot-write", file: string, cause: unknown): Failure {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  const words: Record<string, string> = {
    ENOENT: kind === "cannot-read" ? "no such file" : "its folder does not exist",
    EISDIR: "is a folder, not a file",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full; nothing was written",
    EDQUOT: "the disk quota is used up; nothing was written",
    ENOTDIR: "part of the path is a file, not a folder",
  };
  return new Failure(kind, words[code] ?? (cause instanceof Error ? cause.message : String(cause)), { file, cause });
}
