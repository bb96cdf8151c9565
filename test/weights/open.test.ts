import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { indexWeights, layerNamed, openWeights, type WeightsFile } from "../../src/weights/open.ts";
import { memorySource } from "../../src/weights/wire.ts";
import { conformanceCases } from "../support/conformance.ts";
import { hasReal, realFolder } from "../support/real.ts";
import { layer, message, scratchFolder, shape, type Fields } from "./message.ts";

const sample = join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel");
const scratch = scratchFolder();

function index(fields: Fields): Pick<WeightsFile, "format" | "netName" | "layers"> {
  return indexWeights(memorySource(message(fields)), "test.caffemodel");
}

/** The layers with blobs, as `name type: shape; shape`. */
function outline({ layers }: Pick<WeightsFile, "layers">): string[] {
  return layers
    .filter(({ blobs }) => blobs.length > 0)
    .map(({ name, type, blobs }) => `${name} ${type}: ${blobs.map((blob) => blob.shape.join("x")).join("; ")}`);
}

test("the sample's layers and blobs", async () => {
  const file = await openWeights(sample);
  expect(file).toMatchObject({ path: sample, bytes: 354_238, format: "V2", netName: "nuclei32" });
  expect(file.layers).toHaveLength(20);
  expect(outline(file)).toEqual([
    "conv1 Convolution: 32x3x3x3; 32",
    "conv2 Convolution: 32x32x3x3; 32",
    "fc6 InnerProduct: 64x1152; 64",
    "fc7 InnerProduct: 64x64; 64",
    "fc8 InnerProduct: 2x64; 2",
  ]);
  for (const { blobs } of file.layers) {
    for (const blob of blobs) {
      expect(blob.count).toBe(blob.shape.reduce((product, n) => product * n, 1));
      expect(blob.runs).toEqual([{ offset: expect.any(Number) as number, count: blob.count, stride: 4 }]);
    }
  }
  expect(file.layers.at(-1)!.span.end).toBe(file.bytes);
});

describe("models that BVLC Caffe wrote", () => {
  const cases = conformanceCases().filter(({ meta }) => meta.weights && meta.params !== undefined && meta.error === undefined);
  test("there are many", () => { expect(cases.length).toBeGreaterThan(150); });
  test.each(cases)("$id", ({ id, meta, file }) => {
    const { layers } = indexWeights(memorySource(file(meta.weights!)), meta.weights!);
    const held = new Set(layers.filter(({ blobs }) => blobs.length > 0).map(({ name }) => name));
    expect(held.size).toBe(Object.keys(meta.params!).length - (id === "weights-v2-missing-layer" ? 1 : 0));
    for (const { name, blobs } of layers) {
      const wanted = meta.params![name];
      if (wanted === undefined) continue;
      const filled = (dims: readonly number[]): number[] => [...Array.from({ length: 4 - dims.length }, () => 1), ...dims];
      const shapes = wanted.map(({ shape: dims }, i) => (blobs[i]?.legacy === true ? filled(dims) : dims));
      expect(blobs.map((blob) => blob.shape)).toEqual(shapes);
      for (const blob of blobs) expect(blob.count).toBe(blob.shape.reduce((product, n) => product * n, 1));
    }
  });
});

test("V0 and V1 layers with legacy blobs, in V2's words", () => {
  const all = Object.fromEntries(conformanceCases().map((one) => [one.id, one]));
  const outlineOf = (id: string): unknown => {
    const net = indexWeights(memorySource(all[id]!.file("legacy.caffemodel")), id);
    return [net.format, ...outline(net)];
  };
  expect(outlineOf("weights-v0")).toEqual(["V0", "c Convolution: 3x2x3x3; 1x1x1x3", "ip InnerProduct: 1x1x2x48; 1x1x1x2"]);
  expect(outlineOf("weights-v1-legacy-blobs")).toEqual(["V1", "c Convolution: 3x2x3x3; 1x1x1x3", "ip InnerProduct: 1x1x2x48; 1x1x1x2"]);
});

describe.skipIf(!hasReal)("third-party models", () => {
  test("nuclei-padded has legacy blobs in V2 layers", async () => {
    const file = await openWeights(join(realFolder, "seed-author/nuclei-padded/nuclei.caffemodel"));
    expect(file.format).toBe("V2");
    expect(outline(file)).toEqual([
      "conv1 Convolution: 32x3x5x5; 1x1x1x32",
      "conv2 Convolution: 32x32x5x5; 1x1x1x32",
      "conv3 Convolution: 64x32x5x5; 1x1x1x64",
      "ip1 InnerProduct: 1x1x64x1024; 1x1x1x64",
      "ip2 InnerProduct: 1x1x2x64; 1x1x1x2",
    ]);
  });

  test("nvcaffe-fcn has five float32 blobs per BatchNorm", async () => {
    const file = await openWeights(join(realFolder, "seed-author/nvcaffe-fcn/full_convolutional_net.caffemodel"));
    expect(outline(file)).toContain("bn1a BatchNorm: 1x16x1x1; 1x16x1x1; 1x1x1x1; 1x16x1x1; 1x16x1x1");
    expect(file.layers.flatMap(({ blobs }) => blobs).every((blob) => blob.type === "float32" && !blob.legacy)).toBe(true);
  });
});

describe("what Caffe's readers make of odd files", () => {
  const values = new Float32Array([1, 2, 3, 4, 5, 6]);
  const checkBlob = (blob: Fields, expected: object): void => {
    expect(index([layer("a", "InnerProduct", blob)]).layers[0]!.blobs[0]).toMatchObject(expected);
  };

  test("num, channels, height and width win over a shape", () => {
    checkBlob([[3, 2], [4, 3], shape(6), [5, values]], { shape: [0, 0, 2, 3], legacy: true });
  });
  test("dimensions without packing, and in two parts", () => {
    checkBlob([[7, [[1, 2]]], [7, [[1, 3]]], [5, values]], { shape: [2, 3], legacy: false });
  });
  test("double_data wins over data", () => {
    checkBlob([[5, values], [8, new Float64Array(3)]], { type: "float64", count: 3 });
  });
  test("data wins over raw_data, an empty one does not", () => {
    checkBlob([[10, 2], [12, new Uint8Array(4)], [5, values]], { type: "float32", count: 6 });
    checkBlob([[10, 2], [12, new Uint8Array(4)], [5, new Float32Array()]], { type: "float16", count: 2 });
  });
  test("raw_data of any floating type, by its size where the type is missing", () => {
    checkBlob([[10, 0], [12, new Uint8Array(24)]], { type: "float64", count: 3 });
    checkBlob([[10, 1], [12, new Uint8Array(24)]], { type: "float32", count: 6 });
    checkBlob([shape(6), [12, new Uint8Array(12)]], { type: "float16", count: 6 });
  });
  test("a shape without data", () => { checkBlob([shape(2, 3)], { shape: [2, 3], count: 0, runs: [] }); });
  test("values that are not packed are one run", () => {
    const blob = Array.from(values, (value) => [5, { fixed: new Float32Array([value]) }] as const);
    checkBlob(blob, { count: 6, runs: [{ offset: expect.any(Number) as number, count: 6, stride: 5 }] });
  });
  test("values in several packed runs", () => {
    const runs = [{ count: 2, stride: 4 }, { count: 4, stride: 4 }];
    checkBlob([[5, values.subarray(0, 2)], [5, values.subarray(2)]], { count: 6, runs });
  });

  test("the last name and type of a layer count", () => {
    expect(index([[100, [[1, "a"], [2, "ReLU"], [1, "b"], [2, "TanH"]]]]).layers[0]).toMatchObject({ name: "b", type: "TanH" });
  });
  test("V1 types without a name keep their number", () => {
    expect(index([[2, [[4, "r"], [5, 61]]]])).toMatchObject({ format: "V1", layers: [{ name: "r", type: "V1 type 61" }] });
  });
  test("of a V1 layer around a V0 one only the inside counts", () => {
    const v0: Fields = [[1, "in"], [2, "conv"], [50, [[5, values]]]];
    const net = index([[2, [[4, "out"], [5, 14], [6, [[5, values]]], [1, v0], [4, "out"]]]]);
    expect(net).toMatchObject({ format: "V0", layers: [{ name: "in", type: "Convolution", format: "V0" }] });
    expect(net.layers[0]!.blobs).toHaveLength(1);
  });
  test("V0's padding layers keep their name", () => {
    expect(index([[2, [[1, [[1, "pad1"], [2, "padding"]]]]]]).layers[0]!.type).toBe("padding");
  });
  test("both kinds of layers are mixed", () => {
    expect(index([layer("a", "ReLU"), [2, [[4, "b"]]]]).format).toBe("mixed");
  });
  test("a net without layers is empty", () => {
    expect(index([[1, "nothing"], [5, 0]])).toEqual({ format: "empty", netName: "nothing", layers: [] });
  });

  test("fields that dialects use otherwise are not looked at", () => {
    const strange: Fields = [[1, "up"], [2, "Upsample"], [137, new Uint8Array([0xff, 0xff])], [143, "not a message"], [3, 5]];
    expect(index([[100, strange], layer("next", "ReLU")]).layers.map(({ name }) => name)).toEqual(["up", "next"]);
  });
});

test("where a name occurs twice, the last layer is what Caffe ends up with", async () => {
  const blob = (value: number): Fields => [shape(1), [5, new Float32Array([value])]];
  const layers = [layer("a", "Bias", blob(1)), layer("b", "Bias", blob(2)), layer("a", "Bias", blob(3))];
  const path = await scratch.file("twice.caffemodel", message(layers));
  const file = await openWeights(path);
  expect(layerNamed(file, "a")).toBe(file.layers[2]);
  expect(layerNamed(file, "none")).toBeUndefined();
});
