import fc from "fast-check";
import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { openWeights } from "../../src/weights/open.ts";
import { readBlob } from "../../src/weights/values.ts";
import { writeWeights, type NewWeights } from "../../src/weights/write.ts";
import { layer, message, scratchFolder, shape } from "./message.ts";

const scratch = scratchFolder();

test("the bytes that protobufjs writes", async () => {
  const path = scratch.path("net.caffemodel");
  const data = new Float32Array([1, 2, 3, 4, 5, 6]);
  await writeWeights(path, {
    name: "n",
    layers: [
      { name: "data", type: "Input", blobs: [] },
      { name: "ip", type: "InnerProduct", blobs: [{ shape: [2, 3], data }, { shape: [2], data: data.subarray(2, 4) }] },
    ],
  });
  const ip = layer("ip", "InnerProduct", [shape(2, 3), [5, data]], [shape(2), [5, data.subarray(2, 4)]]);
  const expected = message([[1, "n"], layer("data", "Input"), ip]);
  expect(Buffer.from(await readFile(path))).toEqual(Buffer.from(expected));
});

const dims = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const blob = dims.chain((size) => {
  const count = size.reduce((product, n) => product * n, 1);
  return fc.float32Array({ minLength: count, maxLength: count }).map((data) => ({ shape: size, data }));
});
const name = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });
const net: fc.Arbitrary<NewWeights> = fc.record({
  name,
  layers: fc.array(fc.record({ name, type: name, blobs: fc.array(blob, { maxLength: 3 }) }), { minLength: 1, maxLength: 4 }),
});

test("what is written is what is read", async () => {
  await fc.assert(
    fc.asyncProperty(net, async (written) => {
      const path = scratch.path("round.caffemodel");
      await writeWeights(path, written);
      const file = await openWeights(path);
      expect(file.netName).toBe(written.name);
      expect(file.layers.map((each) => [each.name, each.type])).toEqual(written.layers.map((each) => [each.name, each.type]));
      for (const [i, { blobs }] of written.layers.entries()) {
        expect(file.layers[i]!.blobs.map((each) => each.shape)).toEqual(blobs.map((each) => each.shape));
        for (const [j, { data }] of blobs.entries()) expect(await readBlob(file, file.layers[i]!.blobs[j]!)).toEqual(data);
      }
    }),
    { numRuns: 60 },
  );
});

test("values may come in chunks", async () => {
  const path = scratch.path("chunks.caffemodel");
  const data = function* (): Generator<Float32Array> {
    for (let i = 0; i < 10; i++) yield Float32Array.from({ length: 100 }, (_, j) => i * 100 + j);
  };
  await writeWeights(path, { name: "n", layers: [{ name: "a", type: "Bias", blobs: [{ shape: [10, 100], data }] }] });
  const file = await openWeights(path);
  expect(await readBlob(file, file.layers[0]!.blobs[0]!)).toEqual(Float32Array.from({ length: 1000 }, (_, i) => i));
});

test("too few values are a defect, and leave nothing behind", async () => {
  const before = await readdir(scratch.path("."));
  const net = { name: "n", layers: [{ name: "a", type: "Bias", blobs: [{ shape: [3], data: new Float32Array(2) }] }] };
  await expect(writeWeights(scratch.path("never.caffemodel"), net)).rejects.toThrow("2 values for a blob of 3");
  expect(await readdir(scratch.path("."))).toEqual(before);
});
