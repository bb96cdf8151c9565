import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { shapeText, volume } from "../layers/shape.ts";
import { halfToFloat } from "./half.ts";
import { shownName } from "./shown-name.ts";
import { readExactly, withFile } from "./source.ts";
import type { BlobRef, WeightsFile } from "./weights-file.ts";
import { valueSize } from "./weights-file.ts";
import type { ByteSource } from "./wire.ts";

/** Doubles and halves are converted in steps of this many values. */
const stepValues = 1 << 18;

/**
 * All values of a blob, in the order of the file; doubles and halves converted to single precision.
 *
 * Throws a {@link Failure} where the shape asks for another number of values than there are, or the file was changed.
 */
export async function readBlob(file: WeightsFile, blob: BlobRef): Promise<Float32Array> {
  const declared = volume(blob.shape);
  if (declared !== blob.count) {
    const what = `a blob is declared as ${shapeText(blob.shape)} (${count(declared)}) but ${count(blob.count)} values are stored`;
    const owner = file.layers.find((layer) => layer.blobs.includes(blob));
    throw new Failure("bad-file", `${what}.`, { file: file.path, ...(owner && { place: `layer '${shownName(owner.name)}'` }) });
  }
  return readBlobRange(file, blob, 0, blob.count);
}

/** The values `[start, end)` of a blob, as {@link readBlob} gives them; for consumers that take one piece at a time. */
export function readBlobRange(file: WeightsFile, blob: BlobRef, start: number, end: number): Promise<Float32Array> {
  return withFile(file.path, (source) => readValues(source, blob, start, end, file.path), file);
}

/** The values `[start, end)` of a blob as single precision, out of an open source. */
export function readValues(source: ByteSource, blob: BlobRef, start: number, end: number, path: string): Float32Array {
  if (start < 0 || end > blob.count || start > end) throw new RangeError(`values ${start} to ${end} of ${blob.count}`);
  const values = allocate(end - start, path);
  if (blob.type === "float32") {
    readStored(source, blob, start, end, new Uint8Array(values.buffer), path);
    return values;
  }
  const size = valueSize[blob.type];
  const stored = new Uint8Array(size * Math.min(stepValues, end - start));
  for (let at = start; at < end; at += stepValues) {
    const n = Math.min(stepValues, end - at);
    readStored(source, blob, at, at + n, stored.subarray(0, n * size), path);
    const target = values.subarray(at - start, at - start + n);
    if (blob.type === "float64") target.set(new Float64Array(stored.buffer, 0, n));
    else halfToFloat(new Uint16Array(stored.buffer, 0, n), target);
  }
  return values;
}

/** Fills `target` with the stored bytes of the values `[start, end)`, closed up where they have tags between them. */
export function readStored(source: ByteSource, blob: BlobRef, start: number, end: number, target: Uint8Array, path: string): void {
  const size = valueSize[blob.type];
  let first = 0;
  for (const run of blob.runs) {
    const from = Math.max(start, first);
    const to = Math.min(end, first + run.count);
    if (from < to) {
      const part = target.subarray((from - start) * size, (to - start) * size);
      const offset = run.offset + (from - first) * run.stride;
      if (run.stride === size) readExactly(source, part, offset, path);
      else readSpaced(source, offset, run.stride, size, part, path);
    }
    first += run.count;
  }
}

function readSpaced(source: ByteSource, offset: number, stride: number, size: number, target: Uint8Array, path: string): void {
  const step = Math.max(1, Math.floor((1 << 20) / stride));
  const total = target.length / size;
  for (let done = 0; done < total; done += step) {
    const n = Math.min(step, total - done);
    const bytes = new Uint8Array((n - 1) * stride + size);
    readExactly(source, bytes, offset + done * stride, path);
    for (let i = 0; i < n; i++) target.set(bytes.subarray(i * stride, i * stride + size), (done + i) * size);
  }
}

function allocate(values: number, path: string): Float32Array {
  try {
    return new Float32Array(values);
  } catch (cause) {
    throw new Failure("bad-file", `a blob of ${count(values)} values does not fit into memory.`, { file: path, cause });
  }
}
