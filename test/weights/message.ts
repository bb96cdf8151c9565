import protobuf from "protobufjs/minimal.js";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { FailureKind } from "../../src/text/failure.ts";
import { Failure, sentence } from "../../src/text/failure.ts";

/** A field as a test writes it: varint for a number, else bytes; an array is a message of its own, a fixed32 or fixed64 is one value. */
export type Value = number | string | Uint8Array | Float32Array | Float64Array | Fields | { readonly fixed: Float32Array | Float64Array };
export type Fields = readonly (readonly [field: number, value: Value])[];

/** The fields as protobufjs, an encoder that is not ours, writes them. */
export function message(fields: Fields): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [field, value] of fields) {
    if (typeof value === "number") writer.uint32(field << 3).int64(value);
    else if (typeof value === "string") writer.uint32((field << 3) | 2).string(value);
    else if ("fixed" in value) {
      writer.uint32((field << 3) | (value.fixed.BYTES_PER_ELEMENT === 4 ? 5 : 1));
      if (value.fixed instanceof Float32Array) writer.float(value.fixed[0]!);
      else writer.double(value.fixed[0]!);
    } else writer.uint32((field << 3) | 2).bytes(bytesOf(value));
  }
  return writer.finish();
}

function bytesOf(value: Uint8Array | Float32Array | Float64Array | Fields): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : message(value);
}

/** A blob's shape field, packed as Caffe writes it. */
export function shape(...dims: number[]): readonly [number, Fields] {
  const writer = protobuf.Writer.create();
  for (const dim of dims) writer.int64(dim);
  return [7, [[1, writer.finish()]]];
}

/** A V2 layer of a net: its name, type and blobs. */
export function layer(name: string, type: string, ...blobs: Fields[]): readonly [number, Fields] {
  return [100, [[1, name], [2, type], ...blobs.map((blob) => [7, blob] as const)]];
}

/** A folder that lives as long as the test file; call at its top. Gives what makes paths in it, and what writes files there. */
export function scratchFolder(): { path: (name: string) => string; file: (name: string, bytes: Uint8Array | string) => Promise<string> } {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weights-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const path = (name: string): string => join(folder, name);
  const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await writeFile(path(name), bytes);
    return path(name);
  };
  return { path, file };
}

/** Expects a Failure whose sentence has this in it. */
export async function checkFailure(run: () => unknown, kind: FailureKind, words: RegExp): Promise<void> {
  let outcome: unknown = "no failure";
  try {
    await run();
  } catch (cause) {
    outcome = cause;
  }
  if (!(outcome instanceof Failure)) throw outcome instanceof Error ? outcome : new Error(String(outcome));
  expect(sentence(outcome)).toMatch(words);
  expect(outcome.kind).toBe(kind);
}

/** Expects equal bytes; quick also for large ones, and a difference is told by its place. */
export function checkBytes(actual: Uint8Array | Float32Array, expected: Uint8Array | Float32Array): void {
  const [a, b] = [actual, expected].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)) as [Buffer, Buffer];
  if (!a.equals(b)) expect.fail(`${a.length} and ${b.length} bytes, different from byte ${a.findIndex((byte, i) => byte !== b[i])} on`);
}
