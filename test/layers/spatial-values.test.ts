import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkShapes, checkValues, outputsOf, type LayerText } from "./check-layer.ts";
import { volume, type Blob } from "./reference.ts";
import * as reference from "./reference-spatial.ts";
import type { Result, Window } from "./reference-spatial.ts";

const runs = { numRuns: 40 };
const few = { numRuns: 15 };

/** Values between -3 and 3 in halves: float32 holds them exactly. */
function values(shape: readonly number[]): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: -6, max: 6 }).map((n) => n / 2), { minLength: volume(shape), maxLength: volume(shape) });
}

const blob = (shape: readonly number[]): fc.Arbitrary<Blob> => values(shape).map((data) => ({ shape, data }));
const blobOf = (...sizes: readonly [number, number][]): fc.Arbitrary<Blob> =>
  fc.tuple(...sizes.map(([min, max]) => fc.integer({ min, max }))).chain(blob);

async function check(layer: LayerText, inputs: Readonly<Record<string, readonly number[]>>, ...results: readonly Result[]): Promise<void> {
  checkShapes(layer, results.map(({ shape }) => shape));
  await checkValues(layer, inputs, results.map(({ data }) => data));
}

const repeated = (field: string, numbers: readonly number[]): string => numbers.map((n) => `${field}: ${n}`).join(" ");
const windowText = ({ kernel, stride, pad, dilation }: Window): string =>
  `${repeated("kernel_size", kernel)} ${repeated("stride", stride)} ${repeated("pad", pad)} ${repeated("dilation", dilation)}`;

/** Windows over some axes, sometimes without dilation, and blobs large enough for them. */
const windowed = fc.integer({ min: 1, max: 3 }).chain((axes) => {
  const list = (min: number, max: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min, max }), { minLength: axes, maxLength: axes });
  return fc.record({ kernel: list(1, 3), stride: list(1, 3), pad: list(0, 3), dilation: list(0, 2), sizes: list(1, axes === 3 ? 4 : 6), n: fc.integer({ min: 1, max: 2 }) });
});

interface Grouped {
  readonly x: Blob;
  readonly window: Window;
  readonly weights: Blob;
  readonly bias: readonly number[];
  readonly group: number;
}

function grouped(kind: "Convolution" | "Deconvolution"): fc.Arbitrary<Grouped> {
  return fc.tuple(windowed, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })).chain(([{ sizes, n, ...window }, group, a, b]) => {
    const channels = group * a;
    const shape = kind === "Convolution" ? [group * b, a, ...window.kernel] : [channels, b, ...window.kernel];
    return fc.record({ x: blob([n, channels, ...sizes]), window: fc.constant(window), weights: blob(shape), bias: values([group * b]), group: fc.constant(group) });
  });
}

describe("ONNX forms of spatial layers give what Caffe's loops give, in the shapes that the rules say", () => {
  test("Convolution over one to three axes: strides, padding, dilation down to 0, groups, windows over the edge", async () => {
    await fc.assert(
      fc.asyncProperty(grouped("Convolution"), fc.boolean(), async ({ x, window, weights, bias, group }, hasBias) => {
        const result = reference.convolve(x, window, weights, group, hasBias ? bias : undefined);
        fc.pre(result.shape.every((size) => size > 0));
        const fields = `convolution_param { num_output: ${weights.shape[0]} group: ${group} bias_term: ${hasBias} ${windowText(window)} }`;
        await check({ type: "Convolution", fields, bottoms: { a: x.shape }, params: [weights.data, bias] }, { a: x.data }, result);
      }),
      runs,
    );
  });

  test("Deconvolution: strides, padding, dilation down to 0, groups", async () => {
    await fc.assert(
      fc.asyncProperty(grouped("Deconvolution"), fc.boolean(), async ({ x, window, weights, bias, group }, hasBias) => {
        const result = reference.deconvolve(x, window, weights, group, hasBias ? bias : undefined);
        fc.pre(result.shape.every((size) => size > 0));
        const fields = `convolution_param { num_output: ${weights.shape[1]! * group} group: ${group} bias_term: ${hasBias} ${windowText(window)} }`;
        await check({ type: "Deconvolution", fields, bottoms: { a: x.shape }, params: [weights.data, bias] }, { a: x.data }, result);
      }),
      runs,
    );
  });

  test("Im2col", async () => {
    await fc.assert(
      fc.asyncProperty(grouped("Convolution"), async ({ x, window }) => {
        const result = reference.im2col(x, window);
        fc.pre(result.shape.every((size) => size > 0));
        await check({ type: "Im2col", fields: `convolution_param { ${windowText(window)} }`, bottoms: { a: x.shape } }, { a: x.data }, result);
      }),
      few,
    );
  });

  test("Convolution with channels on any axis, down to no spatial axis at all", async () => {
    const weights = { shape: [2, 3], data: [1, 2, 3, -1, 0, 0.5] };
    const product = { type: "Convolution", fields: "convolution_param { num_output: 2 }", bottoms: { a: [2, 3] }, params: [weights.data, [0.5, -0.5]] };
    await check(product, { a: [1, 1, 1, 2, 0, -2] }, { shape: [2, 2], data: [6.5, -1, -3.5, -3.5] });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 }), blob([2, 3, 3, 2]), values([2 * 3 * 4]), async (axis, x, kernel) => {
        const channels = x.shape[axis]!;
        const sizes = x.shape.slice(axis + 1);
        const taps = sizes.map(() => 1);
        const filters = { shape: [2, channels, ...taps], data: kernel.slice(0, 2 * channels) };
        const window = { kernel: taps, stride: taps, pad: sizes.map(() => 0), dilation: taps };
        const flat = { shape: [volume(x.shape.slice(0, axis)), channels, ...sizes], data: x.data };
        const { data } = reference.convolve(flat, window, filters, 1, undefined);
        const shape = [...x.shape.slice(0, axis), 2, ...sizes];
        const fields = `convolution_param { num_output: 2 kernel_size: 1 bias_term: false axis: ${axis - 4} }`;
        await check({ type: "Convolution", fields, bottoms: { a: x.shape }, params: [filters.data] }, { a: x.data }, { shape, data });
      }),
      few,
    );
  });

  const pools = fc.record({
    x: blobOf([1, 2], [1, 2], [1, 7], [1, 7]),
    method: fc.constantFrom("MAX" as const, "AVE" as const, "STOCHASTIC" as const),
    round: fc.constantFrom("CEIL" as const, "FLOOR" as const),
    kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    share: fc.tuple(fc.nat(4), fc.nat(4)),
  });

  test("Pooling: all methods, both roundings, padding, windows over the edge and beyond it, the mask", async () => {
    await fc.assert(
      fc.asyncProperty(pools, fc.boolean(), async ({ x, method, round, kernel, stride, share }, hasMask) => {
        const pad = method === "STOCHASTIC" ? [0, 0] : share.map((n, i) => n % kernel[i]!);
        const result = reference.pool(x, method, round, { kernel, stride, pad });
        fc.pre(result.shape.every((size) => size > 0));
        const fields = `pooling_param { pool: ${method} round_mode: ${round} kernel_h: ${kernel[0]} kernel_w: ${kernel[1]} stride_h: ${stride[0]} stride_w: ${stride[1]} pad_h: ${pad[0]} pad_w: ${pad[1]} }`;
        const mask = { shape: result.shape, data: method === "MAX" ? result.mask : result.mask.map(() => 0) };
        await check({ type: "Pooling", fields, bottoms: { a: x.shape }, tops: hasMask ? ["y", "m"] : ["y"] }, { a: x.data }, result, ...(hasMask ? [mask] : []));
      }),
      { numRuns: 120 },
    );
  });

  test("global pooling, with and without the mask", async () => {
    await fc.assert(
      fc.asyncProperty(blobOf([1, 2], [1, 3], [1, 4], [1, 4]), fc.constantFrom("MAX" as const, "AVE" as const), fc.boolean(), async (x, method, hasMask) => {
        const result = reference.pool(x, method, "CEIL", { kernel: x.shape.slice(2), stride: [1, 1], pad: [0, 0] });
        const mask = { shape: result.shape, data: method === "MAX" ? result.mask : result.mask.map(() => 0) };
        const fields = `pooling_param { pool: ${method} global_pooling: true }`;
        await check({ type: "Pooling", fields, bottoms: { a: x.shape }, tops: hasMask ? ["y", "m"] : ["y"] }, { a: x.data }, result, ...(hasMask ? [mask] : []));
      }),
      few,
    );
  });

  test("SPP: the pools of each level, one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(blobOf([1, 2], [1, 2], [8, 12], [8, 12]), fc.integer({ min: 1, max: 3 }), fc.constantFrom("MAX" as const, "AVE" as const), async (x, height, method) => {
        const [n, channels, rows, columns] = x.shape as [number, number, number, number];
        const levels = Array.from({ length: height }, (_, level) => {
          const kernel = [Math.ceil(rows / 2 ** level), Math.ceil(columns / 2 ** level)];
          const pad = [rows, columns].map((size, i) => Math.floor((kernel[i]! * 2 ** level - size + 1) / 2));
          return { kernel, pad, pooled: pad.some((p, i) => p >= kernel[i]!) ? undefined : reference.pool(x, method, "CEIL", { kernel, stride: kernel, pad }) };
        });
        fc.pre(levels.every(({ pooled }) => pooled !== undefined));
        const vectors = levels.map(({ pooled }) => ({ size: pooled!.data.length / n, data: pooled!.data }));
        const data = Array.from({ length: n }, (_, item) => vectors.flatMap(({ size, data: all }) => all.slice(item * size, (item + 1) * size))).flat();
        const shape = height === 1 ? [n, channels, 1, 1] : [n, data.length / n];
        await check({ type: "SPP", fields: `spp_param { pyramid_height: ${height} pool: ${method} }`, bottoms: { a: x.shape } }, { a: x.data }, { shape, data });
      }),
      few,
    );
  });

  test("LRN in both regions, windows wider than the image", async () => {
    await fc.assert(
      fc.asyncProperty(blobOf([1, 2], [1, 5], [1, 5], [1, 5]), fc.constantFrom("ACROSS_CHANNELS" as const, "WITHIN_CHANNEL" as const), fc.constantFrom(1, 3, 5), fc.constantFrom(0.75, 0.5, 1.3), async (x, region, size, beta) => {
        const data = reference.lrn(x, region, size, 0.7, beta, 1.5);
        const fields = `lrn_param { norm_region: ${region} local_size: ${size} alpha: 0.7 beta: ${beta} k: 1.5 }`;
        await check({ type: "LRN", fields, bottoms: { a: x.shape } }, { a: x.data }, { shape: [...x.shape], data });
      }),
      runs,
    );
  });

  test("MVN, of blobs of fewer axes too", async () => {
    await fc.assert(
      fc.asyncProperty(blobOf([1, 2], [1, 3], [1, 3], [2, 4]), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean(), async (x, rank, across, variance) => {
        const shape = [...x.shape.slice(0, rank), ...Array.from({ length: 4 - rank }, () => 1)];
        const cut = { shape, data: x.data.slice(0, volume(shape)) };
        const data = reference.mvn(cut, across, variance, 0.5);
        const fields = `mvn_param { across_channels: ${across} normalize_variance: ${variance} eps: 0.5 }`;
        await check({ type: "MVN", fields, bottoms: { a: x.shape.slice(0, rank) } }, { a: cut.data }, { shape, data });
      }),
      few,
    );
  });

  test("BatchNorm with the statistics of the batch, and of the training phase", async () => {
    await fc.assert(
      fc.asyncProperty(blobOf([2, 3], [1, 3], [2, 3], [1, 3]), fc.integer({ min: 2, max: 4 }), fc.boolean(), async (x, rank, train) => {
        const cut = { shape: x.shape.slice(0, rank), data: x.data.slice(0, volume(x.shape.slice(0, rank))) };
        const layer: LayerText = { type: "BatchNorm", fields: `batch_norm_param { eps: 0.5 ${train ? "" : "use_global_stats: false"} }`, bottoms: { a: cut.shape }, phase: train ? "TRAIN" : "TEST" };
        await check(layer, { a: cut.data }, { shape: [...cut.shape], data: reference.batchNorm(cut, 0.5) });
      }),
      few,
    );
  });

  const image = { a: [1, 2, 1, 2] };
  const four = { a: [1, 3, -1, 2] };
  const normal = (x: number, mean: number, variance: number): number => (x - mean) / Math.sqrt(variance + 1e-5);

  test("BatchNorm's stored statistics: divided by the factor; zeros where it is 0", async () => {
    const stored = { type: "BatchNorm", bottoms: image };
    await checkValues({ ...stored, params: [[2, 4], [8, 2], [2]] }, four, [[normal(1, 1, 4), normal(3, 1, 4), normal(-1, 2, 1), normal(2, 2, 1)]]);
    await checkValues({ ...stored, params: [[2, 4], [8, 2], [0]] }, four, [four.a.map((x) => normal(x, 0, 0))]);
  });

  test("NVIDIA's five blobs in the order of either version, Intel's behind the three", async () => {
    const text = (dialect: "nvidia" | "intel", fields: string): LayerText => ({ type: "BatchNorm", bottoms: image, dialect, fields: `batch_norm_param { ${fields} }` });
    const expected = [[2 * normal(1, 1, 4) - 1, 2 * normal(3, 1, 4) - 1, 3 * normal(-1, 2, 1) + 1, 3 * normal(2, 2, 1) + 1]];
    const [mean, variance, scale, bias] = [[1, 2], [4, 1], [2, 3], [-1, 1]];
    await checkValues({ ...text("nvidia", "scale_bias: true"), params: [mean, variance, [1], scale, bias] }, four, expected);
    await checkValues({ ...text("nvidia", "scale_bias: true"), params: [scale, bias, [0], mean, variance] }, four, expected);
    // Without a negative bias, the factor of 0 tells.
    await checkValues({ ...text("nvidia", "scale_bias: true"), params: [scale, [1, 1], [0], mean, variance] }, four, [[expected[0]![0]! + 2, expected[0]![1]! + 2, expected[0]![2]!, expected[0]![3]!]]);
    // Below cuDNN's smallest epsilon.
    await checkValues({ ...text("nvidia", "eps: 0"), params: [[1, 2], [0, 0], [1]] }, four, [[0, 2 / Math.sqrt(1e-5), -3 / Math.sqrt(1e-5), 0]]);
    await checkValues({ ...text("intel", "use_weight_bias: true"), params: [mean, variance, [1], scale, bias] }, four, expected);
    await checkValues({ ...text("intel", "use_weight_bias: true bias_term: false relu: true"), params: [mean, variance, [1], scale] }, four, [[0, 2 * normal(3, 1, 4), 0, 0]]);
  });

  test("weights in the text: Scale takes its factors for a bias that the text lacks no values of", async () => {
    const inline = "blobs { shape { dim: 2 } data: 2 data: 3 } blobs { shape { dim: 2 } data: -1 data: 1 }";
    await checkValues({ type: "Scale", bottoms: image, fields: `scale_param { bias_term: true } ${inline}`, params: [[2, 3], [-1, 1]] }, four, [[1, 5, -2, 7]]);
    await checkValues({ type: "InnerProduct", bottoms: { a: [2, 3] }, fields: "inner_product_param { num_output: 1 bias_term: false axis: -1 transpose: true } blobs { num: 1 channels: 1 height: 1 width: 3 data: [1, 2, 3] }", params: [[1, 2, 3]] }, { a: [1, 0, 0, 1, 1, 1] }, [[1, 6]]);
  });

  test("Embed cuts towards zero", async () => {
    const fields = "embed_param { num_output: 2 input_dim: 3 }";
    await check({ type: "Embed", fields, bottoms: { a: [2, 2] }, params: [[1, 2, 3, 4, 5, 6], [0.5, -0.5]] }, { a: [2, 0, 1.9, 0.2] }, { shape: [2, 2, 2], data: [5.5, 5.5, 1.5, 1.5, 3.5, 3.5, 1.5, 1.5] });
  });

  test("RNN over three steps: a marker of 0 forgets", async () => {
    const params = [[0.5, -1], [0.1], [0.3], [2], [-0.2]];
    const x = [1, 0.5, -1, 2, 0, 1];
    const outputs: number[] = [];
    let h = 0;
    for (let t = 0; t < 3; t++) {
      h = Math.tanh(0.3 * h * [1, 1, 0][t]! + 0.5 * x[2 * t]! - x[2 * t + 1]! + 0.1);
      outputs.push(Math.tanh(2 * h - 0.2));
    }
    const fields = "recurrent_param { num_output: 1 }";
    await check({ type: "RNN", fields, bottoms: { x: [3, 1, 2], c: [3, 1] }, params }, { x, c: [1, 1, 0] }, { shape: [3, 1, 1], data: outputs });
  });

  test("LSTM with a static input and its states given: gates in the order in, keep, out, candidate", async () => {
    const [wx, b, ws, wh] = [[0.5, -0.4, 0.3, 0.2], [0.1, 0.2, -0.1, 0], [1, 0, 0.5, -1], [0.7, -0.3, 0.2, 0.4]];
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    const [x, markers, fixed] = [[1, -2, 0.5], [1, 0.5, 0], 0.3];
    let [h, c] = [0.4, -0.6];
    const outputs = x.map((value, t) => {
      const gate = (i: number): number => wx[i]! * value + b[i]! + ws[i]! * fixed + wh[i]! * h * markers[t]!;
      c = sigmoid(gate(1)) * markers[t]! * c + sigmoid(gate(0)) * Math.tanh(gate(3));
      h = sigmoid(gate(2)) * Math.tanh(c);
      return h;
    });
    const layer: LayerText = { type: "LSTM", fields: "recurrent_param { num_output: 1 expose_hidden: true }", bottoms: { x: [3, 1, 1], m: [3, 1], s: [1, 1], h: [1, 1, 1], c: [1, 1, 1] }, tops: ["y", "hT", "cT"], params: [wx, b, ws, wh] };
    const one = (value: number): Result => ({ shape: [1, 1, 1], data: [value] });
    await check(layer, { x, m: markers, s: [fixed], h: [0.4], c: [-0.6] }, { shape: [3, 1, 1], data: outputs }, one(h), one(c));
  });

  test("Crop cuts at its offsets", async () => {
    const fields = "crop_param { axis: -2 offset: 1 offset: 2 }";
    const x = Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
    await check({ type: "Crop", fields, bottoms: { a: [2, 3, 4], b: [9, 2, 1] } }, { a: x, b: Array.from({ length: 18 }, () => 0) }, { shape: [2, 2, 1], data: [6, 10, 18, 22] });
  });

  test("PReLU and Scale over vectors and volumes", async () => {
    await checkValues({ type: "PReLU", bottoms: { a: [1, 2, 2] }, params: [[0.5, -1]] }, { a: [-2, 1, -3, 4] }, [[-1, 1, 3, 4]]);
    await checkValues({ type: "Scale", fields: "scale_param { axis: 0 num_axes: 2 }", bottoms: { a: [2, 1, 2] }, params: [[2, -1]] }, { a: [1, 2, 3, 4] }, [[2, 4, -3, -4]]);
  });

  test("the ReLU that Intel's Caffe lets a layer carry", async () => {
    const fields = "convolution_param { num_output: 2 group: 2 kernel_h: 1 kernel_w: 2 relu: true negative_slope: 0.25 }";
    await check({ type: "Convolution", dialect: "intel", bottoms: image, fields, params: [[1, 1, 2, -1], [0.5, 0]] }, four, { shape: [1, 2, 1, 1], data: [4.5, -1] });
    await checkValues({ type: "InnerProduct", dialect: "intel", bottoms: { a: [1, 2] }, fields: "inner_product_param { num_output: 2 relu: true }", params: [[1, 0, 0, 1], [0, 0]] }, { a: [-1, 2] }, [[0, 2]]);
  });

  test("a mean without the padding, as Intel's Caffe can have it", async () => {
    const fields = "pooling_param { pool: AVE kernel_size: 2 stride: 2 pad: 1 avg_include_pad: false }";
    const x = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    await check({ type: "Pooling", dialect: "intel", fields, bottoms: { a: [1, 1, 3, 3] } }, { a: x }, { shape: [1, 1, 2, 2], data: [1, 2.5, 5.5, 7] });
  });

  test("what is drawn at random has no ONNX form", async () => {
    const stochastic: LayerText = { type: "Pooling", fields: "pooling_param { pool: STOCHASTIC kernel_size: 2 }", bottoms: { a: [1, 1, 2, 2] }, phase: "TRAIN" };
    await expect(outputsOf(stochastic, { a: [1, 2, 3, 4] })).rejects.toThrow("draws at random");
  });
});
