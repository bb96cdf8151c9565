import fc from "fast-check";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { halfToFloat } from "../../src/weights/half.ts";
import { openWeights } from "../../src/weights/open.ts";
import { readBlob, readBlobRange } from "../../src/weights/values.ts";
import { checkBytes, checkFailure, layer, message, scratchFolder, shape, type Fields } from "./message.ts";

const scratch = scratchFolder();
const numbers = Float32Array.from({ length: 60 }, (_, i) => Math.fround(i / 7 - 3));

function single(values: Float32Array | Float64Array, i: number): { fixed: Float32Array | Float64Array } {
  return { fixed: values.subarray(i, i + 1) };
}

const layouts: Record<string, (values: Float32Array) => Fields> = {
  packed: (values) => [[5, values]],
  "one by one": (values) => Array.from(values, (_, i) => [5, single(values, i)] as const),
  "in three runs": (values) => [[5, values.subarray(0, 7)], [5, values.subarray(7, 8)], [5, values.subarray(8)]],
  "mixed with other fields": (values) => [
    [5, values.subarray(0, 20)], [6, values], [5, single(values, 20)], [20, 1], [5, single(values, 21)], [5, values.subarray(22)],
  ],
  doubles: (values) => [[8, Float64Array.from(values)]],
  "doubles one by one": (values) => Array.from(values, (_, i) => [8, single(Float64Array.from(values), i)] as const),
  "raw single precision": (values) => [[10, 1], [12, new Uint8Array(values.buffer)]],
  "raw double precision": (values) => [[10, 0], [12, new Uint8Array(Float64Array.from(values).buffer)]],
};

describe("values come back however they are stored, whole and in ranges", () => {
  test.each(Object.keys(layouts))("%s", async (name) => {
    const path = await scratch.file(`${name}.caffemodel`, message([layer("a", "Bias", [shape(60), ...layouts[name]!(numbers)])]));
    const file = await openWeights(path);
    const blob = file.layers[0]!.blobs[0]!;
    expect(await readBlob(file, blob)).toEqual(numbers);
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.nat(60), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(await readBlobRange(file, blob, start, end)).toEqual(numbers.slice(start, end));
      }),
      { numRuns: 50 },
    );
  });
});

test("large unpacked blobs are read across chunks", async () => {
  const values = Float32Array.from({ length: 300_000 }, (_, i) => i);
  const bytes = new Uint8Array(values.length * 5);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint8(i * 5, 0x2d);
    view.setFloat32(i * 5 + 1, value, true);
  });
  const file = await openWeights(await scratch.file("unpacked.caffemodel", message([[100, [[1, "a"], [7, bytes]]]])));
  checkBytes(await readBlobRange(file, file.layers[0]!.blobs[0]!, 0, 300_000), values);
});

test("a shape is not a number of values to trust: 60 as 61", async () => {
  const file = await openWeights(await scratch.file("61.caffemodel", message([layer("a", "Bias", [shape(61), [5, numbers]])])));
  const words = /layer 'a': a blob is declared as 61 \(61\) but 60 values are stored/;
  await checkFailure(() => readBlob(file, file.layers[0]!.blobs[0]!), "bad-file", words);
});

test("a file that was changed since is not read on", async () => {
  const bytes = message([layer("a", "Bias", [shape(60), [5, numbers]])]);
  const path = await scratch.file("changed.caffemodel", bytes);
  const file = await openWeights(path);
  await utimes(path, new Date(0), new Date(0));
  await checkFailure(() => readBlob(file, file.layers[0]!.blobs[0]!), "bad-file", /was changed by another program/);
});

test("the sample's weights are what Caffe stored", async () => {
  const file = await openWeights(join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel"));
  const bias = await readBlob(file, file.layers.find(({ name }) => name === "fc8")!.blobs[1]!);
  expect(Buffer.from(bias.buffer).toString("hex")).toBe("fdcd5d3c5dce5dbc");
});

test("half precision: every number", () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const floats = new Float32Array(halves.length);
  halfToFloat(halves, floats);
  const at = (bits: number): number => floats[bits]!;
  expect([0, 0x3c00, 0xc000, 0x7bff, 0x3555].map(at)).toEqual([0, 1, -2, 65504, 0.333251953125]);
  expect([0x0400, 0x0001, 0x03ff].map(at)).toEqual([2 ** -14, 2 ** -24, 1023 * 2 ** -24]);
  expect([at(0x7c00), at(0xfc00), at(0x7e00)]).toEqual([Infinity, -Infinity, NaN]);
  expect(Object.is(at(0x8000), -0)).toBe(true);
  expect(floats.subarray(1, 0x7c01).findIndex((value, i) => !(value > at(i)))).toBe(-1);
});
