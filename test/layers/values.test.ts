import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportNet } from "../../src/onnx/export.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { checkValues, netText, type LayerText } from "./check-layer.ts";
import { accuracy, argMax, contrastiveLoss, hingeLoss, reduction, sigmoidLoss, softmax, softmaxLoss, volume, type Blob, type Mode } from "./reference.ts";

const runs = { numRuns: 12 };
const modes = ["FULL", "VALID", "BATCH_SIZE", "NONE"] as const satisfies readonly Mode[];

/** Blobs whose values are halves, so that equal ones are common and float32 holds them exactly. */
function blobs(minRank: number, maxRank: number): fc.Arbitrary<Blob> {
  return fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank }).chain((shape) =>
    fc.array(fc.integer({ min: -6, max: 6 }).map((n) => n / 2), { minLength: volume(shape), maxLength: volume(shape) }).map((data) => ({ shape, data })),
  );
}

/** A blob, one of its axes, and a label (or the label to ignore, 0) for each place beside the axis. */
const labelled = blobs(2, 4).chain((blob) =>
  fc.nat(blob.shape.length - 2).chain((before) => {
    const axis = before + 1;
    const places = volume(blob.shape) / blob.shape[axis]!;
    return fc.array(fc.nat(blob.shape[axis]! - 1), { minLength: places, maxLength: places }).map((labels) => ({ blob, axis, labels, shape: [blob.shape[0]!, places / blob.shape[0]!] }));
  }),
);

function layer(type: string, fields: string, bottoms: LayerText["bottoms"], tops?: readonly string[]): LayerText {
  return { type, fields, bottoms: bottoms ?? {}, ...(tops !== undefined && { tops }) };
}

describe("ONNX forms give what Caffe's loops give", () => {
  test("Softmax along any axis", async () => {
    await fc.assert(
      fc.asyncProperty(blobs(1, 4), fc.nat(3), async (a, n) => {
        const axis = n % a.shape.length;
        await checkValues(layer("Softmax", `softmax_param { axis: ${axis - a.shape.length} }`, { a: a.shape }), { a: a.data }, [softmax(a, axis)]);
      }),
      runs,
    );
  });

  test("ArgMax, the later of equal values first", async () => {
    await fc.assert(
      fc.asyncProperty(blobs(1, 4), fc.option(fc.nat(3), { nil: undefined }), fc.nat(20), fc.boolean(), async (a, n, extra, values) => {
        const axis = n === undefined ? undefined : n % a.shape.length;
        const k = 1 + (extra % (axis === undefined ? volume(a.shape.slice(1)) : a.shape[axis]!));
        const fields = `argmax_param { ${axis === undefined ? "" : `axis: ${axis}`} top_k: ${k} out_max_val: ${values} }`;
        await checkValues(layer("ArgMax", fields, { a: a.shape }), { a: a.data }, [argMax(a, axis, k, values)]);
      }),
      { numRuns: 30 },
    );
  });

  test("Reduction", async () => {
    await fc.assert(
      fc.asyncProperty(blobs(1, 4), fc.nat(3), fc.constantFrom("SUM", "ASUM", "SUMSQ", "MEAN"), fc.constantFrom(1, -0.5, 2), async (a, n, operation, coeff) => {
        const axis = n % a.shape.length;
        await checkValues(layer("Reduction", `reduction_param { axis: ${axis} operation: ${operation} coeff: ${coeff} }`, { a: a.shape }), { a: a.data }, [reduction(a, axis, operation, coeff)]);
      }),
      runs,
    );
  });

  test("Accuracy: ties count against, classes apart, labels ignored", async () => {
    await fc.assert(
      fc.asyncProperty(labelled, fc.nat(3), fc.boolean(), async ({ blob, axis, labels, shape }, extra, ignore) => {
        const k = 1 + (extra % blob.shape[axis]!);
        const fields = `accuracy_param { axis: ${axis} top_k: ${k} ${ignore ? "ignore_label: 0" : ""} }`;
        await checkValues(layer("Accuracy", fields, { a: blob.shape, l: shape }, ["all", "each"]), { a: blob.data, l: labels }, accuracy(blob, labels, axis, k, ignore ? 0 : undefined));
      }),
      { numRuns: 25 },
    );
  });

  test("SoftmaxWithLoss and InfogainLoss, every normalization", async () => {
    await fc.assert(
      fc.asyncProperty(labelled, fc.constantFrom(...modes), fc.boolean(), fc.boolean(), async ({ blob, axis, labels, shape }, mode, ignores, infogain) => {
        const ignore = ignores ? 0 : undefined;
        const param = `loss_param { normalization: ${mode} ${ignores ? "ignore_label: 0" : ""} }`;
        const classes = blob.shape[axis]!;
        const matrix = Array.from({ length: classes * classes }, (_, i) => ((i * 7) % 5) / 2);
        if (infogain) {
          const infogainLayer = layer("InfogainLoss", `infogain_loss_param { axis: ${axis} } ${param}`, { a: blob.shape, l: shape, H: [classes, classes] });
          await checkValues(infogainLayer, { a: blob.data, l: labels, H: matrix }, [[softmaxLoss(blob, labels, axis, mode, ignore, matrix)]]);
        } else {
          await checkValues(layer("SoftmaxWithLoss", `softmax_param { axis: ${axis} } ${param}`, { a: blob.shape, l: shape }), { a: blob.data, l: labels }, [[softmaxLoss(blob, labels, axis, mode, ignore)]]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("SigmoidCrossEntropyLoss, targets between 0 and 1", async () => {
    await fc.assert(
      fc.asyncProperty(blobs(1, 4), fc.constantFrom(...modes), fc.boolean(), async (a, mode, ignores) => {
        const targets = a.data.map((_, i) => ((i * 3) % 5) / 4);
        const fields = `loss_param { normalization: ${mode} ${ignores ? "ignore_label: 1" : ""} }`;
        await checkValues(layer("SigmoidCrossEntropyLoss", fields, { a: a.shape, t: [a.shape[0]!, volume(a.shape.slice(1))] }), { a: a.data, t: targets }, [[sigmoidLoss(a, targets, mode, ignores ? 1 : undefined)]]);
      }),
      runs,
    );
  });

  test("HingeLoss and ContrastiveLoss", async () => {
    await fc.assert(
      fc.asyncProperty(blobs(2, 4), fc.boolean(), async (a, flag) => {
        const size = volume(a.shape.slice(1));
        const labels = Array.from({ length: a.shape[0]! }, (_, i) => i % size);
        await checkValues(layer("HingeLoss", `hinge_loss_param { norm: ${flag ? "L2" : "L1"} }`, { a: a.shape, l: [a.shape[0]!] }), { a: a.data, l: labels }, [[hingeLoss(a, labels, flag)]]);
        const vectors = { shape: [a.shape[0]!, size], data: a.data };
        const other = a.data.map((x, i) => x + ((i % 3) - 1) / 2);
        const similar = labels.map((label) => label % 2);
        const fields = `contrastive_loss_param { margin: 1.5 legacy_version: ${flag} }`;
        await checkValues(layer("ContrastiveLoss", fields, { a: vectors.shape, b: vectors.shape, s: [a.shape[0]!] }), { a: a.data, b: other, s: similar }, [[contrastiveLoss(vectors, other, similar, 1.5, flag)]]);
      }),
      runs,
    );
  });
});

const inf = Infinity;
const row = { a: [4] };
const four = [-1, 0, 0.5, 2];

/** A layer, its inputs and what it gives, worked by hand. */
type Row = readonly [what: string, layer: LayerText, inputs: Readonly<Record<string, readonly number[]>>, outputs: readonly (readonly number[])[], losses?: "deploy"];
const rows: readonly Row[] = [
  ["Power of 0 is 1 everywhere", layer("Power", "power_param { power: 0 scale: 3 }", row), { a: [-1, 0, inf, 2] }, [[1, 1, 1, 1]]],
  ["Power without scale is a constant", layer("Power", "power_param { power: 2 scale: 0 shift: 3 }", row), { a: [-1, 0, inf, 2] }, [[9, 9, 9, 9]]],
  ["Power 3", layer("Power", "power_param { power: 3 shift: 1 }", row), { a: four }, [[0, 1, 3.375, 27]]],
  ["Clip lets min win", layer("Clip", "clip_param { min: 2 max: -2 }", row), { a: four }, [[2, 2, 2, 2]]],
  ["Exp to base 2", layer("Exp", "exp_param { base: 2 scale: 2 shift: 1 }", row), { a: four }, [[0.5, 2, 4, 32]]],
  ["Log to base 2", layer("Log", "log_param { base: 2 scale: 4 shift: 4 }", row), { a: [-0.5, 0, 1, 3] }, [[1, 2, 3, 4]]],
  ["ELU", layer("ELU", "elu_param { alpha: 2 }", row), { a: four }, [[2 * (Math.exp(-1) - 1), 0, 0.5, 2]]],
  ["BNLL of large values", layer("BNLL", "", row), { a: [-200, 0, 1, 200] }, [[0, Math.log(2), Math.log(1 + Math.E), 200]]],
  ["Threshold is strict", layer("Threshold", "threshold_param { threshold: 0.5 }", row), { a: four }, [[0, 0, 0, 1]]],
  ["ReLU with a slope above 1", layer("ReLU", "relu_param { negative_slope: 1.5 }", row), { a: four }, [[-1.5, 0, 0.5, 2]]],
  ["ReLU6", { ...layer("ReLU6", "", row), dialect: "mobilenet-yolo" }, { a: [-1, 5, 6, 7] }, [[0, 5, 6, 6]]],
  ["Dropout at TEST", layer("Dropout", "dropout_param { dropout_ratio: 0.9 }", row), { a: four }, [four]],
  ["Eltwise leaves a term with coefficient 0 out", layer("Eltwise", "eltwise_param { coeff: 0 coeff: -2 }", { a: [2], b: [2] }), { a: [inf, 1], b: [1, 2] }, [[-2, -4]]],
  ["Eltwise without any term", layer("Eltwise", "eltwise_param { coeff: 0 coeff: 0 }", { a: [2], b: [2] }), { a: [inf, 1], b: [1, 2] }, [[0, 0]]],
  ["Eltwise MAX ignores coefficients", layer("Eltwise", "eltwise_param { operation: MAX coeff: -1 coeff: -1 }", { a: [2], b: [2] }), { a: [3, 1], b: [1, 2] }, [[3, 2]]],
  ["Slice", layer("Slice", "slice_param { slice_point: 1 }", { a: [2, 3] }, ["p", "q"]), { a: [1, 2, 3, 4, 5, 6] }, [[1, 4], [2, 3, 5, 6]]],
  ["Concat", layer("Concat", "", { a: [2, 1], b: [2, 2] }), { a: [1, 2], b: [3, 4, 5, 6] }, [[1, 3, 4, 2, 5, 6]]],
  ["Tile", layer("Tile", "tile_param { tiles: 2 }", { a: [2, 2] }), { a: [1, 2, 3, 4] }, [[1, 2, 1, 2, 3, 4, 3, 4]]],
  ["Flatten to an axis of 1", layer("Flatten", "flatten_param { axis: 1 end_axis: 0 }", { a: [2, 2] }), { a: [1, 2, 3, 4] }, [[1, 2, 3, 4]]],
  ["BatchReindex cuts off fractions", layer("BatchReindex", "", { a: [3, 1], i: [4] }), { a: [5, 6, 7], i: [2, 0.9, 1, 2] }, [[7, 5, 6, 7]]],
  ["Filter takes all that is not 0", layer("Filter", "", { a: [4, 1], b: [4, 2], s: [4, 1] }, ["p", "q"]), { a: [1, 2, 3, 4], b: [1, 2, 3, 4, 5, 6, 7, 8], s: [0, -1, 0.1, 0] }, [[2, 3], [3, 4, 5, 6]]],
  ["EuclideanLoss", layer("EuclideanLoss", "", { a: [2, 2], t: [2, 1, 2] }), { a: [1, 2, 3, 4], t: [0, 0, 0, 0] }, [[7.5]]],
  ["MultinomialLogisticLoss", layer("MultinomialLogisticLoss", "", { a: [2, 2], l: [2] }), { a: [0.5, 0.5, 0, 1], l: [0, 0] }, [[(Math.log(2) + 20 * Math.log(10)) / 2]]],
  ["a loss of which all labels are ignored", layer("SoftmaxWithLoss", "loss_param { ignore_label: 1 }", { a: [2, 2], l: [2] }), { a: [1, 2, 3, 4], l: [1, 1] }, [[0]]],
  ["normalize: false", layer("SoftmaxWithLoss", "loss_param { normalize: false }", { a: [1, 2, 2], l: [1, 2] }), { a: [0, 0, 0, 0], l: [0, 1] }, [[2 * Math.log(2)]]],
  ["normalization wins over normalize", layer("SoftmaxWithLoss", "loss_param { normalize: false normalization: FULL }", { a: [1, 2, 2], l: [1, 2] }), { a: [0, 0, 0, 0], l: [0, 1] }, [[Math.log(2)]]],
  ["L1Loss", { ...layer("L1Loss", "", { a: [2, 2], t: [2, 2] }), dialect: "nvidia" }, { a: [1, -2, 3, 4], t: [0, 0, 0, 0] }, [[5]]],
  ["SoftmaxWithLoss deployed", layer("SoftmaxWithLoss", "", { a: [1, 2], l: [1] }), { a: [0, Math.log(3)] }, [[0.25, 0.75]], "deploy"],
  ["SigmoidCrossEntropyLoss deployed", layer("SigmoidCrossEntropyLoss", "", { a: [1, 2], t: [1, 2] }), { a: [0, Math.log(3)] }, [[0.5, 0.75]], "deploy"],
  ["EuclideanLoss deployed", layer("EuclideanLoss", "", { a: [1, 2], t: [1, 2] }), { a: [3, 4] }, [[3, 4]], "deploy"],
  ["DummyData of two constants", layer("DummyData", "dummy_data_param { shape { dim: 2 } data_filler { value: 1.5 } data_filler { value: -1 } }", {}, ["p", "q"]), {}, [[1.5, 1.5], [-1, -1]]],
  // BilinearFiller: f = 2, c = (3 - 1) / 4; side 0.5, 1, 0.5.
  ["DummyData, bilinear, odd", layer("DummyData", 'dummy_data_param { shape { dim: 1 dim: 1 dim: 3 dim: 3 } data_filler { type: "bilinear" } }', {}), {}, [[0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25]]],
  ["Permute", { ...layer("Permute", "permute_param { order: 1 }", { a: [2, 3] }), dialect: "ssd" }, { a: [1, 2, 3, 4, 5, 6] }, [[1, 4, 2, 5, 3, 6]]],
  ["Axpy", { ...layer("Axpy", "", { s: [1, 2], a: [1, 2, 1, 2], b: [1, 2, 1, 2] }), dialect: "nvidia" }, { s: [2, 3], a: [1, 2, 3, 4], b: [1, 1, 1, 1] }, [[3, 5, 10, 13]]],
  // One position, its centre at (0.5 * 10, 0.5 * 10) of 10 x 10; sizes 4, sqrt(4 * 9) = 6, then 6 * sqrt(4) wide and 6 / sqrt(4) high, clipped.
  [
    "PriorBox",
    { ...layer("PriorBox", "prior_box_param { min_size: 4 max_size: 9 aspect_ratio: 4 flip: false clip: true }", { a: [1, 1, 1, 1], d: [1, 1, 10, 10] }), dialect: "ssd" },
    {},
    [[0.3, 0.3, 0.7, 0.7, 0.2, 0.2, 0.8, 0.8, 0, 0.35, 1, 0.65, ...Array.from({ length: 12 }, () => 0.1)]],
  ],
];

describe("values by hand", () => {
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_what, [, text, inputs, outputs, losses]) => {
    await checkValues(text, inputs, outputs, losses ?? "value");
  });
});

test("Dropout in the TRAIN phase says why it has no ONNX form", () => {
  const net = readNet(readDocument(netText(layer("Dropout", "", row))), { phase: "TRAIN" });
  expect(() => exportNet(inferShapes(net), new Map(), { outputs: ["y"] })).toThrow(/x drops values at random/);
});
