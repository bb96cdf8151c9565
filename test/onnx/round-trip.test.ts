import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { elementCount, elementTypes } from "../../src/onnx/model.ts";
import type { AttributeValue, ElementType, OnnxModel, OnnxTensor } from "../../src/onnx/model.ts";
import { readOnnx, readOnnxFile } from "../../src/onnx/read.ts";
import { onnxBytes, onnxChunks, writeOnnxFile } from "../../src/onnx/write.ts";
import type { Failure } from "../../src/text/failure.ts";
import { patchNetModel } from "../support/patch-net.ts";

const name = fc.oneof(fc.string({ maxLength: 12, unit: "grapheme" }), fc.constantFrom("__proto__", "conv1/weights", ""));
const size = fc.integer({ min: 0, max: 5 });
const int64 = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(2 ** 63, -(2 ** 63), 0, -1));
const single = fc.float();

const type = fc.constantFrom(...(Object.keys(elementTypes) as ElementType[]));

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .record({ name, type, shape: fc.array(size, { maxLength: 3 }), seed: fc.nat() })
  .map(({ seed, ...rest }) => {
    const { array } = elementTypes[rest.type];
    const bytes = Uint8Array.from({ length: elementCount(rest.shape) * array.BYTES_PER_ELEMENT }, (_, i) => (seed + i * 7) % 127);
    return { ...rest, data: new array(bytes.buffer) };
  });

const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.record({ kind: fc.constant("float" as const), value: single }),
  fc.record({ kind: fc.constant("int" as const), value: int64 }),
  fc.record({ kind: fc.constant("string" as const), value: name }),
  fc.record({ kind: fc.constant("tensor" as const), value: tensor }),
  fc.record({ kind: fc.constant("floats" as const), value: fc.array(single, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant("ints" as const), value: fc.array(int64, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant("strings" as const), value: fc.array(name, { maxLength: 3 }) }),
);

const value = fc.record({
  name: name.map((n) => `value ${n}`),
  type,
  shape: fc.array(fc.oneof(size, fc.constantFrom("batch", "h")), { maxLength: 4 }),
});

const node = fc
  .record({
    name, opType: name, domain: fc.constantFrom(undefined, "com.microsoft"),
    inputs: fc.array(name, { maxLength: 4 }), outputs: fc.array(name, { maxLength: 3 }),
    attributes: fc.dictionary(name, attribute, { maxKeys: 4 }),
  })
  .map(({ domain, ...rest }) => (domain === undefined ? rest : { ...rest, domain }));

const model: fc.Arbitrary<OnnxModel> = fc.record({
  opset: fc.integer({ min: 1, max: 30 }),
  domains: fc.constant({ "com.microsoft": 1 }),
  producer: name,
  graph: fc.record({
    name, inputs: fc.array(value, { maxLength: 3 }), outputs: fc.array(value, { maxLength: 3 }),
    nodes: fc.array(node, { maxLength: 4 }), initializers: fc.array(tensor, { maxLength: 4 }),
  }),
});

test("what is written is read back the same", () => {
  fc.assert(
    fc.property(model, (written) => {
      expect(readOnnx(onnxBytes(written))).toEqual(written);
    }),
    { numRuns: 300 },
  );
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "onnx-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const net = { channels: 3, classes: 2, conv1: { height: 3, width: 3 }, pool: { height: 2, width: 2 }, conv2: { height: 5, width: 5 } };

test("a file holds the same bytes, and appears alone", async () => {
  const written = patchNetModel(net, { height: 12, width: 12 }, "n");
  const file = join(folder, "net.onnx");
  await writeOnnxFile(written, file);
  expect(readFileSync(file).equals(onnxBytes(written))).toBe(true);
  expect(readdirSync(folder)).toEqual(["net.onnx"]);
  expect(await readOnnxFile(file)).toEqual(written);
});

test("weights are written from where they are", () => {
  const written = patchNetModel(net, { height: 12, width: 12 });
  const buffers = new Set(onnxChunks(written).map((chunk) => chunk.buffer));
  for (const { data } of written.graph.initializers) expect(buffers).toContain(data.buffer);
});

test("a model above 2 GB is refused before anything is written", async () => {
  // Nine times the same memory, which is never touched.
  const data = new Uint8Array(2 ** 28);
  const initializers = Array.from({ length: 9 }, (_, i) => ({ name: `w${i}`, type: "uint8" as const, shape: [data.length], data }));
  const large = { opset: 17, producer: "", graph: { name: "", inputs: [], outputs: [], nodes: [], initializers } };
  const failure = await writeOnnxFile(large, join(folder, "large.onnx")).then(() => undefined, (error: unknown) => error as Failure);
  expect(failure?.message).toBe("the net takes 2.4 GB as ONNX, and an ONNX file holds at most 2.1 GB.");
  expect(readdirSync(folder)).not.toContain("large.onnx");
});
