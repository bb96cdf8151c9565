import fc from "fast-check";
import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openWeights } from "../../src/weights/open.ts";
import { rewriteWeights, type LayerChange } from "../../src/weights/rewrite.ts";
import { transposeTo } from "../../src/weights/transpose.ts";
import { readBlob } from "../../src/weights/values.ts";
import { memorySource } from "../../src/weights/wire.ts";
import { writeWeights } from "../../src/weights/write.ts";
import { conformanceCases } from "../support/conformance.ts";
import { hasReal, realFolder } from "../support/real.ts";
import { checkBytes, checkFailure, layer, message, scratchFolder, shape, type Fields } from "./message.ts";

const sample = join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel");
const scratch = scratchFolder();
const values = Float32Array.from({ length: 12 }, (_, i) => i + 0.5);
const turned = Float32Array.from([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], (i) => i + 0.5);

async function rewrite(source: string, changes: Record<string, LayerChange>): Promise<Uint8Array> {
  const target = scratch.path("out.caffemodel");
  await rewriteWeights(await openWeights(source), target, new Map(Object.entries(changes)));
  return new Uint8Array(await readFile(target));
}

/** Rewrites a net of these fields and expects the bytes that protobufjs writes for the others. */
async function checkRewrite(before: Fields, changes: Record<string, LayerChange>, after: Fields): Promise<void> {
  const result = await rewrite(await scratch.file("in.caffemodel", message(before)), changes);
  expect(Buffer.from(result).toString("hex")).toBe(Buffer.from(message(after)).toString("hex"));
}

describe("without changes every byte stays", () => {
  test("the sample", async () => {
    checkBytes(await rewrite(sample, {}), await readFile(sample));
    checkBytes(await rewrite(sample, { fc6: {}, conv1: { blobs: [undefined, undefined] } }), await readFile(sample));
  });
  test.each(["weights-v0", "weights-v1-legacy-blobs", "lstm-00"])("%s", async (id) => {
    const one = conformanceCases().find((candidate) => candidate.id === id)!;
    const bytes = new Uint8Array(one.file(one.meta.weights!));
    const path = await scratch.file(`${id}.caffemodel`, bytes);
    const { layers } = await openWeights(path);
    checkBytes(await rewrite(path, Object.fromEntries(layers.map(({ name }) => [name, {}]))), bytes);
  });
  test.skipIf(!hasReal)("third-party models", async () => {
    for (const name of ["nuclei-padded/nuclei.caffemodel", "nvcaffe-fcn/full_convolutional_net.caffemodel"]) {
      const path = join(realFolder, "seed-author", name);
      checkBytes(await rewrite(path, {}), await readFile(path));
    }
  });
});

describe("names, types and shapes", () => {
  const other = [layer("data", "Input"), layer("relu", "ReLU")];

  test("a V2 layer becomes another, everything else of it stays", async () => {
    const middle: Fields = [[3, "pool"], [4, "fc6"], [6, [[1, "w"]]]];
    const bias: Fields = [[7, [[5, values.subarray(0, 2)], shape(2)]], [10, 1]];
    const [weights, changed] = [[7, [[5, values], shape(2, 6)]], [7, [shape(2, 3, 1, 2), [5, values]]]] as const;
    const param: Fields[number] = [106, [[1, 2]]];
    const before: Fields = [[1, "fc6"], [2, "InnerProduct"], ...middle, weights, ...bias, [117, [[1, 2]]], [9999, "kept"]];
    const after: Fields = [[1, "fc6-conv"], [2, "Convolution"], ...middle, changed, ...bias, [9999, "kept"], param];
    const blobs = [{ shape: [2, 3, 1, 2] }];
    const surgery = { name: "fc6-conv", type: "Convolution", blobs, dropFields: [117], addFields: message([param]) };
    await checkRewrite([other[0]!, [100, before], other[1]!], { fc6: surgery }, [other[0]!, [100, after], other[1]!]);
  });
  test("legacy dimensions give way to a shape; gradients stay", () =>
    checkRewrite(
      [layer("a", "InnerProduct", [[1, 1], [2, 1], [3, 3], [4, 4], [5, values], [6, turned]])],
      { a: { blobs: [{ shape: [3, 4, 1, 1] }] } },
      [layer("a", "InnerProduct", [shape(3, 4, 1, 1), [5, values], [6, turned]])],
    ));
  test("V1: the type is a number", () =>
    checkRewrite(
      [[2, [[2, "pool"], [3, "ip"], [4, "ip"], [5, 14], [6, [[5, values], shape(12)]], [17, [[1, 3]]]]]],
      { ip: { name: "ip-conv", type: "Convolution", blobs: [{ shape: [12, 1] }], dropFields: [17] } },
      [[2, [[2, "pool"], [3, "ip"], [4, "ip-conv"], [5, 4], [6, [shape(12, 1), [5, values]]]]]],
    ));
  test("V0: the layer inside is changed", () =>
    checkRewrite(
      [[2, [[1, [[1, "ip"], [2, "innerproduct"], [3, 2], [50, [[4, 12], [5, values]]]]], [2, "pool"], [3, "ip"]]]],
      { ip: { name: "ip-conv", type: "Convolution", blobs: [{ shape: [2, 6] }], addFields: message([[8, 3]]) } },
      [[2, [[1, [[1, "ip-conv"], [2, "conv"], [3, 2], [50, [shape(2, 6), [5, values]]], [8, 3]]], [2, "pool"], [3, "ip"]]]],
    ));
  test("a name that occurs twice: the layer that counts is changed", () =>
    checkRewrite([layer("a", "ReLU"), layer("a", "TanH")], { a: { name: "b" } }, [layer("a", "ReLU"), layer("b", "TanH")]));
  test("lengths that need more bytes than before", async () => {
    const name = "n".repeat(300);
    await checkRewrite([layer("a", "ReLU")], { a: { name } }, [layer(name, "ReLU")]);
  });
});

describe("transposition", () => {
  const change: LayerChange = { blobs: [{ shape: [4, 3], transpose: { rows: 3, columns: 4 } }] };
  const checkTransposed = (before: Fields, after: Fields): Promise<void> =>
    checkRewrite([layer("a", "InnerProduct", before)], { a: change }, [layer("a", "InnerProduct", after)]);

  test("single precision", () => checkTransposed([[5, values], shape(3, 4)], [shape(4, 3), [5, turned]]));
  test("double precision", () =>
    checkTransposed([[8, Float64Array.from(values)], shape(3, 4)], [shape(4, 3), [8, Float64Array.from(turned)]]));
  test("half precision", () => {
    const halves = Uint16Array.from({ length: 12 }, (_, i) => 0x3c00 + i);
    const turnedHalves = Uint16Array.from(turned, (value) => 0x3c00 + value - 0.5);
    const fields = (...bits: Uint16Array[]): Fields => [[10, 2], ...bits.map((part) => [12, new Uint8Array(part.buffer)] as const)];
    return checkTransposed([shape(3, 4), ...fields(halves)], [shape(4, 3), ...fields(turnedHalves)]);
  });
  test("values one by one and in runs become one packed field; gradients and values that do not count are left out", async () => {
    await checkTransposed(Array.from(values, (_, i) => [5, { fixed: values.subarray(i, i + 1) }] as const), [shape(4, 3), [5, turned]]);
    await checkTransposed([[5, values.subarray(0, 5)], [6, values], [5, values.subarray(5)], [99, 1]], [shape(4, 3), [5, turned], [99, 1]]);
    await checkTransposed([[5, values.subarray(0, 5)], [8, Float64Array.from(values)]], [shape(4, 3), [8, Float64Array.from(turned)]]);
  });
  test("bit patterns are moved, not numbers", async () => {
    const bits = new Float64Array(BigUint64Array.from({ length: 12 }, (_, i) => 0x7ff0_0000_0000_0001n + BigInt(i)).buffer);
    const order = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11];
    const after = new Float64Array(BigUint64Array.from(order, (i) => 0x7ff0_0000_0000_0001n + BigInt(i)).buffer);
    await checkTransposed([[8, new Uint8Array(bits.buffer)]], [shape(4, 3), [8, new Uint8Array(after.buffer)]]);
  });

  test.each([[1, 50], [50, 1], [7, 13], [3000, 40], [40, 3000]])("there and back is the same: %i x %i", async (rows, columns) => {
    const data = Float32Array.from({ length: rows * columns }, (_, i) => i);
    const path = scratch.path("before.caffemodel");
    await writeWeights(path, { name: "n", layers: [{ name: "a", type: "InnerProduct", blobs: [{ shape: [rows, columns], data }] }] });
    const once = await rewrite(path, { a: { blobs: [{ shape: [columns, rows], transpose: { rows, columns } }] } });
    const middle = await scratch.file("middle.caffemodel", once);
    const file = await openWeights(middle);
    const other = await readBlob(file, file.layers[0]!.blobs[0]!);
    for (const [r, c] of [[0, 0], [rows - 1, 0], [0, columns - 1], [rows >> 1, columns >> 1]] as const) {
      expect(other[c * rows + r]).toBe(data[r * columns + c]);
    }
    const twice = await rewrite(middle, { a: { blobs: [{ shape: [rows, columns], transpose: { rows: columns, columns: rows } }] } });
    checkBytes(twice, await readFile(path));
  });

  test("tiles of any size put every value in its place", () => {
    const side = fc.integer({ min: 1, max: 60 });
    const types = fc.constantFrom("float16", "float32", "float64");
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 900 }), types, (rows, columns, tileValues, type) => {
        const size = { float16: 2, float32: 4, float64: 8 }[type];
        const bytes = Uint8Array.from({ length: rows * columns * size }, (_, i) => (i * 2_654_435_761) >>> 13);
        const out = new Uint8Array(bytes.length);
        const run = { offset: 0, count: rows * columns, stride: size };
        const blob = { shape: [], legacy: false, count: run.count, type, runs: [run], span: { start: 0, end: bytes.length } };
        const write = (part: Uint8Array, at: number): void => { out.set(part, at); };
        const limits = { tile: tileValues * size, strip: 8 * size };
        const steps = [...transposeTo(memorySource(bytes), { blob, rows, columns }, write, "x", limits)];
        expect(steps.at(-1)).toBe(bytes.length);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            const from = (r * columns + c) * size;
            const to = (c * rows + r) * size;
            if (Buffer.compare(bytes.subarray(from, from + size), out.subarray(to, to + size)) !== 0) throw new Error(`${r}, ${c}`);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("refusals and faults", () => {
  const before = [layer("a", "InnerProduct", [[5, values], shape(3, 4)])];
  const checkRefused = async (change: Record<string, LayerChange>, words: RegExp, fields: Fields = before): Promise<void> => {
    const path = await scratch.file("in.caffemodel", message(fields));
    await checkFailure(() => rewrite(path, change), "bad-weights", words);
  };

  test("changes that do not fit", async () => {
    await checkRefused({ b: {} }, /in\.caffemodel: has no layer 'b'\./);
    await checkRefused({ a: { blobs: [{ shape: [13] }] } }, /layer 'a': has 12 values in a blob that is to become 13 \(13\)/);
    await checkRefused({ a: { blobs: [{ shape: [12], transpose: { rows: 3, columns: 5 } }] } }, /is to be transposed from 3 x 5/);
    await checkRefused({ a: { blobs: [undefined, { shape: [1] }] } }, /has 1 blob, not 2/);
    await checkRefused({ a: { type: "Clip" } }, /is in Caffe's old format V1, which has no type 'Clip'/, [[2, [[4, "a"], [5, 14]]]]);
  });

  test("nothing is left where it fails or is cancelled, and an old target stays", async () => {
    const source = await openWeights(await scratch.file("in.caffemodel", message(before)));
    const target = await scratch.file("kept.caffemodel", "old");
    const files = await readdir(scratch.path("."));
    const run = (change: LayerChange, signal = new AbortController().signal): Promise<void> =>
      rewriteWeights(source, target, new Map([["a", change]]), { signal });
    await checkFailure(() => run({ blobs: [{ shape: [5] }] }), "bad-weights", /12 values/);
    await checkFailure(() => run({}, AbortSignal.abort()), "cancelled", /kept\.caffemodel: cancelled; nothing was written\./);
    expect(await readFile(target, "utf8")).toBe("old");
    expect(await readdir(scratch.path("."))).toEqual(files);
  });

  test("cancelled in the middle", async () => {
    const path = scratch.path("large.caffemodel");
    const blob = { shape: [6_000_000], data: new Float32Array(6_000_000) };
    await writeWeights(path, { name: "n", layers: [{ name: "a", type: "InnerProduct", blobs: [blob] }] });
    const files = await readdir(scratch.path("."));
    const abort = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number, total: number): void => {
      seen.push(done / total);
      if (done > total / 2) abort.abort();
    };
    const source = await openWeights(path);
    const target = scratch.path("never.caffemodel");
    await checkFailure(() => rewriteWeights(source, target, new Map(), { signal: abort.signal, onProgress }), "cancelled", /cancelled/);
    expect(seen.at(-1)).toBeLessThan(1);
    expect(await readdir(scratch.path("."))).toEqual(files);
  });

  test("a model may be rewritten in place", async () => {
    const path = await scratch.file("same.caffemodel", message(before));
    await rewriteWeights(await openWeights(path), path, new Map([["a", { name: "b" }]]));
    expect((await openWeights(path)).layers[0]!.name).toBe("b");
  });

  test("a source that was changed since it was opened", async () => {
    const path = await scratch.file("moving.caffemodel", message(before));
    const source = await openWeights(path);
    await scratch.file("moving.caffemodel", message([layer("longer name", "ReLU")]));
    const target = scratch.path("never.caffemodel");
    await checkFailure(() => rewriteWeights(source, target, new Map()), "bad-file", /was changed by another program/);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that cannot be written to", async () => {
    const folder = scratch.path(".");
    await chmod(folder, 0o500);
    try {
      await checkFailure(() => rewrite(sample, {}), "cannot-write", /permission denied/);
    } finally {
      await chmod(folder, 0o700);
    }
  });
  test("a folder that is not there", async () => {
    const source = await openWeights(sample);
    const target = scratch.path("none/out.caffemodel");
    await checkFailure(() => rewriteWeights(source, target, new Map()), "cannot-write", /its folder does not exist/);
  });
});
