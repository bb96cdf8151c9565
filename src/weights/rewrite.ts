import { writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import type { LayerChange, Piece } from "./rewrite-plan.ts";
import { pieceSize, planRewrite } from "./rewrite-plan.ts";
import type { FileSource } from "./source.ts";
import { readExactly, withFile } from "./source.ts";
import { transposeTo } from "./transpose.ts";
import type { WeightsFile } from "./weights-file.ts";

export type { LayerChange } from "./rewrite-plan.ts";

export interface RewriteOptions {
  /** Called with the bytes written and their total. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes held at once while copying: what fits into the processor's cache, where 8 MB take three times as long. */
const chunkSize = 1 << 20;

/**
 * Writes a model with some layers changed; every other byte is copied as it is, in memory that does not grow with the file.
 *
 * `changes` are by layer name. The new file appears complete or not at all, and may take the place of the old one.
 * Throws a {@link Failure}: `cannot-read`, `cannot-write`, `bad-weights` for changes that do not fit, `bad-file` where the source
 * was changed meanwhile, `cancelled`.
 */
export async function rewriteWeights(
  source: WeightsFile,
  target: string,
  changes: ReadonlyMap<string, LayerChange>,
  options: RewriteOptions = {},
): Promise<void> {
  await withFile(
    source.path,
    async (input) => {
      const pieces = planRewrite(source, input, changes);
      const file = await createAtomicFile(target);
      try {
        await writePieces(pieces, input, file.handle.fd, { source: source.path, target, ...options });
      } catch (cause) {
        await file.discard();
        throw cause;
      }
      await file.commit();
    },
    source,
  );
}

interface Paths extends RewriteOptions {
  readonly source: string;
  readonly target: string;
}

async function writePieces(pieces: readonly Piece[], input: FileSource, output: number, options: Paths): Promise<void> {
  const { source, target, signal, onProgress } = options;
  const total = pieces.reduce((sum, piece) => sum + pieceSize(piece), 0);
  const write = (bytes: Uint8Array, at: number): void => { writeFully(output, bytes, at, target); };
  let position = 0;
  // The event loop gets its turn after every chunk, for cancelling and so that an editor stays alive.
  const pause = async (done: number): Promise<void> => {
    onProgress?.(position + done, total);
    await setImmediate();
    if (signal?.aborted === true) throw new Failure("cancelled", "cancelled; nothing was written.", { file: target });
  };
  if (signal?.aborted === true) await pause(0);
  let buffer: Uint8Array | undefined;
  for (const piece of pieces) {
    if (piece.kind === "bytes") write(piece.bytes, position);
    else if (piece.kind === "copy") {
      buffer ??= new Uint8Array(chunkSize);
      for (let at = piece.start; at < piece.end; at += chunkSize) {
        const chunk = buffer.subarray(0, Math.min(chunkSize, piece.end - at));
        readExactly(input, chunk, at, source);
        write(chunk, position + at - piece.start);
        await pause(at - piece.start + chunk.length);
      }
    } else {
      const base = position;
      for (const done of transposeTo(input, piece, (bytes, at) => { write(bytes, base + at); }, source)) await pause(done);
    }
    position += pieceSize(piece);
  }
}

function writeFully(output: number, bytes: Uint8Array, position: number, target: string): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(output, bytes, done, bytes.length - done, position + done);
  } catch (cause) {
    throw fileFailure("cannot-write", target, cause);
  }
}
