import { closeSync, openSync, readSync } from "node:fs";
import { Failure, fileFailure } from "../text/failure.ts";
import type { BlobRef, ValueType } from "./open.ts";

/** Bytes of one stored value. */
export const valueSizes: Readonly<Record<ValueType, number>> = { float32: 4, float64: 8, float16: 2 };

/** The values of a blob as float32. Doubles are rounded, half floats are exact. */
export async function readBlob(file: { readonly path: string }, blob: BlobRef): Promise<Float32Array> {
  return readBlobRange(file, blob, 0, blob.count);
}

/** The values `[start, end)` of a blob as float32. */
export async function readBlobRange(file: { readonly path: string }, blob: BlobRef, start: number, end: number): Promise<Float32Array> {
  const bytes = await Promise.resolve(readRange(file.path, blob, start, end));
  return toFloats(bytes, blob.type);
}

/** Stored bytes as float32 values. */
export function toFloats(bytes: Uint8Array, type: ValueType): Float32Array {
  if (type === "float32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (type === "float64") return Float32Array.from(new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8));
  return Float32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), halfToNumber);
}

function readRange(path: string, blob: BlobRef, start: number, end: number): Uint8Array {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    throw fileFailure("cannot-read", path, cause);
  }
  try {
    return readStored(handle, path, blob, start, end);
  } finally {
    closeSync(handle);
  }
}

/** The stored bytes of the values `[start, end)` of a blob, from an open file. */
export function readStored(handle: number, path: string, blob: BlobRef, start: number, end: number): Uint8Array {
  const each = valueSizes[blob.type];
  const bytes = new Uint8Array((end - start) * each);
  let skip = start * each;
  let filled = 0;
  for (const run of blob.runs) {
    const size = run.end - run.start;
    let at = run.start + Math.min(skip, size);
    skip -= at - run.start;
    while (at < run.end && filled < bytes.length) {
      const wanted = Math.min(run.end - at, bytes.length - filled, 1 << 30);
      const read = readSync(handle, bytes, filled, wanted, at);
      if (read === 0) throw new Failure("bad-file", "became shorter while it was read", { file: path });
      at += read;
      filled += read;
    }
  }
  return bytes;
}

/** IEEE 754 half precision. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
