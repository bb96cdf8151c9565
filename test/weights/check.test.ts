import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkWeights, shapeFits, type Mismatch, type WantedLayer } from "../../src/weights/check.ts";
import { indexWeights, openWeights, type WeightsFile } from "../../src/weights/open.ts";
import { memorySource } from "../../src/weights/wire.ts";
import { conformanceCases } from "../support/conformance.ts";
import { layer, message, shape, type Fields } from "./message.ts";

const U = NaN;

/** The wanted layers of `conv1 Convolution 32x3x3x3 32`; `?` is unknown. */
function wants(...lines: string[]): WantedLayer[] {
  return lines.map((line) => {
    const [name, type, ...params] = line.split(" ");
    return { name: name!, type: type!, params: params.map((dims) => dims.split("x").map((n) => (n === "?" ? U : Number(n)))) };
  });
}

/** A model of the same form; `*` before a shape makes it legacy, `!` leaves the data out, `#n` after it stores n values instead. */
function holds(...lines: string[]): WeightsFile {
  const blob = (words: string): Fields => {
    const [, mark, size, stored] = /^([*!]?)([\dx]+)(?:#(\d+))?$/.exec(words)!;
    const dims = size!.split("x").map(Number);
    const count = stored === undefined ? dims.reduce((product, n) => product * n, 1) : Number(stored);
    const legacy = [...Array.from({ length: 4 - dims.length }, () => 1), ...dims].map((dim, i) => [i + 1, dim] as const);
    return [...(mark === "*" ? legacy : [shape(...dims)]), ...(mark === "!" ? [] : [[5, new Float32Array(count)] as const])];
  };
  const bytes = message(lines.map((line) => {
    const [name, type, ...blobs] = line.split(" ");
    return layer(name!, type!, ...blobs.map(blob));
  }));
  return { path: "models/nuclei.caffemodel", bytes: bytes.length, modified: 0, ...indexWeights(memorySource(bytes), "nuclei.caffemodel") };
}

function checkModel(model: string[], net: string[], verdict: string, ...messages: string[]): readonly Mismatch[] {
  const result = checkWeights(holds(...model), wants(...net));
  expect(result.mismatches.map((mismatch) => `${mismatch.kind}: ${mismatch.message}`)).toEqual(messages);
  expect(result.verdict).toBe(verdict);
  return result.mismatches;
}

describe("the same net", () => {
  test("equal names and shapes", () => {
    const [conv, ip] = ["conv1 Convolution 32x3x3x3 32", "fc6 InnerProduct 64x1152 64"];
    checkModel([conv, ip], [conv, "relu ReLU", ip], "same net");
  });
  test("legacy blobs fill up with leading ones", () => checkModel(
    ["ip InnerProduct *64x1024 *64"], ["ip InnerProduct 64x1024 64"], "same net",
  ));
  test("unknown dimensions and shapes agree with anything", () => {
    checkModel(["fc6 InnerProduct 64x1152 64"], ["fc6 InnerProduct 64x? 64"], "same net");
    checkModel(["fc6 InnerProduct 64x1152 64"], ["fc6 InnerProduct ? ?"], "same net");
  });
  test("a layer that the model lacks", () =>
    checkModel(
      ["a Bias 3"], ["a Bias 3", "b Bias 3"], "same net",
      "missing-layer: nuclei.caffemodel has no weights for b: Caffe leaves it as its fillers made it, untrained.",
    ));
  test("a layer that the net lacks", () =>
    checkModel(
      ["a Bias 3", "loss3 InnerProduct 2x3"], ["a Bias 3"], "same net",
      "unused-layer: nuclei.caffemodel holds weights for 'loss3', a layer that this net does not have: Caffe ignores them.",
    ));
  test("of two layers of one name in the net, the first is meant", () =>
    checkModel(
      ["a Bias 3"], ["a Bias 3", "a Bias 5"], "same net",
      "missing-layer: nuclei.caffemodel has no weights for a: Caffe leaves it as its fillers made it, untrained.",
    ));
  test("by count, where only the number of values has to agree", () => {
    const file = holds("a Bias 2x3");
    expect(checkWeights(file, [{ name: "a", type: "Bias", params: [[6]], byCount: true }]).mismatches).toEqual([]);
    expect(checkWeights(file, [{ name: "a", type: "Bias", params: [[7]], byCount: true }]).verdict).toBe("different nets");
  });
});

describe("different nets", () => {
  test("other shapes", () => {
    const [first] = checkModel(
      ["conv1 Convolution 96x3x11x11 96"], ["conv1 Convolution 32x3x3x3 32"], "different nets",
      "shape: nuclei.caffemodel holds conv1 as 96 x 3 x 11 x 11; this net declares 32 x 3 x 3 x 3. The two files describe different nets.",
      "shape: nuclei.caffemodel holds blob 1 of conv1 as 96; this net declares 32. The two files describe different nets.",
    );
    expect(first).toMatchObject({ layer: "conv1", index: 0, stored: [96, 3, 11, 11], wanted: [32, 3, 3, 3] });
    expect(first!.caffe).toContain("Source param shape is 96 3 11 11 (34848); target param shape is 32 3 3 3 (864). To learn");
  });
  test("as many numbers in a shape that no surgery makes", () =>
    checkModel(
      ["c Convolution 64x32x6x6"], ["c Convolution 64x128x3x3"], "different nets",
      "shape: nuclei.caffemodel holds c as 64 x 32 x 6 x 6; this net declares 64 x 128 x 3 x 3. The two files describe different nets.",
    ));
  test("legacy matrices are shown as such", () =>
    checkModel(
      ["ip InnerProduct *64x1024"], ["ip InnerProduct 10x500"], "different nets",
      "shape: nuclei.caffemodel holds ip as 64 x 1024; this net declares 10 x 500. The two files describe different nets.",
    ));
  test("another number of blobs", () => {
    checkModel(
      ["c Convolution 2x3x1x1"], ["c Convolution 2x3x1x1 2"], "different nets",
      "blob-count: nuclei.caffemodel holds 1 blob for c; this net wants 2. " +
        "Only one of the two has a bias (bias_term). The two files describe different nets.",
    );
    checkModel(
      ["c Convolution"], ["c Convolution 2x3x1x1"], "different nets",
      "blob-count: nuclei.caffemodel holds no blobs for c; this net wants 1. The two files describe different nets.",
    );
    checkModel(
      ["b BatchNorm 3 3 1 3 3"], ["b BatchNorm 3 3 1"], "different nets",
      "blob-count: nuclei.caffemodel holds 5 blobs for b; this net wants 3. " +
        "Five blobs are the BatchNorm of NVIDIA's Caffe, three that of BVLC's.",
    );
  });
  test("no layer in common: Caffe would load nothing and say nothing", () => {
    const { verdict, mismatches } = checkWeights(holds("a Bias 3"), wants("b Bias 3"));
    expect([verdict, ...mismatches.map(({ kind }) => kind)]).toEqual(["different nets", "missing-layer", "unused-layer"]);
  });
  test("of two layers of one name in the model, both have to fit", () =>
    checkModel(
      ["a Bias 4", "a Bias 3"], ["a Bias 3"], "different nets",
      "shape: nuclei.caffemodel holds a as 4; this net declares 3. The two files describe different nets.",
    ));
});

describe("needs surgery", () => {
  test("a converted net and the model of the one before", () => {
    const [only] = checkModel(
      ["fc6 InnerProduct 64x1152 64"], ["fc6-conv Convolution 64x32x6x6 64"], "needs surgery",
      "needs-surgery: fc6-conv wants 64 x 32 x 6 x 6; the model holds fc6 as 64 x 1152: the same 73,728 numbers. Convert the weights.",
    );
    expect(only).toMatchObject({ layer: "fc6-conv", index: 0, stored: [64, 1152], wanted: [64, 32, 6, 6] });
    expect(only!.caffe).toBeUndefined();
  });
  test("legacy", () =>
    checkModel(
      ["ip1 InnerProduct *64x1024 *64"], ["ip1-conv Convolution 64x64x4x4 64"], "needs surgery",
      "needs-surgery: ip1-conv wants 64 x 64 x 4 x 4; the model holds ip1 as 64 x 1024: the same 65,536 numbers. Convert the weights.",
    ));
  test("a legacy matrix of one row", () =>
    checkModel(
      ["ip InnerProduct *1x18"], ["ip-conv Convolution 1x2x3x3"], "needs surgery",
      "needs-surgery: ip-conv wants 1 x 2 x 3 x 3; the model holds ip as 18: the same 18 numbers. Convert the weights.",
    ));
  test("the last layer only gains axes", () =>
    checkModel(
      ["fc8 InnerProduct 2x64 2"], ["fc8_conv Convolution 2x64x1x1 2"], "needs surgery",
      "needs-surgery: fc8_conv wants 2 x 64 x 1 x 1; the model holds fc8 as 2 x 64: the same 128 numbers. Convert the weights.",
    ));
  test("the name was kept", () =>
    checkModel(
      ["fc InnerProduct 2x12"], ["fc Convolution 2x3x2x2"], "needs surgery",
      "needs-surgery: fc wants 2 x 3 x 2 x 2; the model holds it as 2 x 12: the same 24 numbers. Convert the weights.",
    ));
  test("stored transposed", () =>
    checkModel(
      ["ip InnerProduct 3x4"], ["ip InnerProduct 4x3"], "needs surgery",
      "needs-surgery: ip wants 4 x 3; the model holds it as 3 x 4: the same 12 numbers, transposed. Convert the weights.",
    ));
  test("the other way round", () =>
    checkModel(
      ["fc6-conv Convolution 64x32x6x6"], ["fc6 InnerProduct 64x1152"], "needs surgery",
      "needs-surgery: fc6 wants 64 x 1152; the model holds fc6-conv as 64 x 32 x 6 x 6: the same 73,728 numbers. " +
        "The model is converted already: use it with the fully convolutional net.",
    ));
  test("unknown dimensions", () =>
    checkModel(
      ["fc6 InnerProduct 64x1152 64"], ["fc6-conv Convolution 64x32x?x? 64"], "needs surgery",
      "needs-surgery: fc6-conv wants 64 x 32 x ? x ?; the model holds fc6 as 64 x 1152. Convert the weights.",
    ));
  test("a renamed layer of the same shape is meant to be trained anew", () => {
    const { mismatches } = checkWeights(holds("c Convolution 2x3x1x1", "a Bias 1"), wants("c-new Convolution 2x3x1x1", "a Bias 1"));
    expect(mismatches.map(({ kind }) => kind)).toEqual(["missing-layer", "unused-layer"]);
  });
});

test("declared and stored numbers differ", () => {
  checkModel(
    ["a Bias !3"], ["a Bias 3"], "same net",
    "no-data: nuclei.caffemodel declares a as 3 but holds no values for it instead of 3.",
  );
  checkModel(
    ["c Convolution 2x3x1x1 2#5"], ["c Convolution 2x3x1x1 2"], "same net",
    "no-data: nuclei.caffemodel declares blob 1 of c as 2 but holds 5 values for it instead of 2.",
  );
});

test("shapes as Caffe compares them", () => {
  const checkFits = (dims: number[], legacy: boolean, wanted: number[], fits: boolean): void => {
    expect(shapeFits({ shape: dims, legacy }, wanted)).toBe(fits);
  };
  checkFits([1, 1, 2, 48], true, [2, 48], true);
  checkFits([2, 48], false, [2, 48], true);
  checkFits([1, 1, 2, 48], false, [2, 48], false);
  checkFits([1, 1, 1, 3], true, [3], true);
  checkFits([1, 1, 1, 3], true, [1, 1, 1, 3], true);
  checkFits([3, 1, 1, 1], true, [3], false);
  checkFits([1, 1, 1, 1], true, [], true);
  checkFits([1, 1, 1, 2], true, [1, 1, 1, 1, 2], false);
});

test("the sample fits its own net", async () => {
  const file = await openWeights(join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel"));
  const convolutions = ["conv1 Convolution 32x3x3x3 32", "conv2 Convolution 32x32x3x3 32"];
  const net = [...convolutions, "fc6 InnerProduct 64x1152 64", "fc7 InnerProduct 64x64 64", "fc8 InnerProduct 2x64 2"];
  expect(checkWeights(file, wants(...net))).toEqual({ verdict: "same net", mismatches: [] });
});

describe("what BVLC Caffe accepted and refused", () => {
  const isReadable = (fatal: string | undefined): boolean => fatal?.includes("ReadProto") !== true;
  const cases = conformanceCases().filter(({ meta }) => meta.weights && meta.layers !== undefined && isReadable(meta.error?.fatal));
  test("refusals are among them", () => {
    expect(cases.filter(({ meta }) => meta.error?.stage === "weights")).toHaveLength(4);
  });
  test.each(cases)("$id", ({ meta, file }) => {
    const bytes = file(meta.weights!);
    const model = { path: meta.weights!, bytes: bytes.length, modified: 0, ...indexWeights(memorySource(bytes), meta.weights!) };
    const wanted = meta.layers!.map(({ name, type, paramShapes }) => ({ name, type, params: paramShapes }));
    const refused = checkWeights(model, wanted).mismatches.filter(({ kind }) => kind !== "missing-layer" && kind !== "unused-layer");
    if (meta.error?.stage === "weights") expect(refused.map(({ caffe }) => caffe)).toEqual([meta.error.fatal]);
    else expect(refused).toEqual([]);
  });
});
