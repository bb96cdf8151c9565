import { afterAll, beforeAll, expect, test } from "vitest";
import { inputFor, samplesOf } from "../../src/dense/geometry.ts";
import type { Extent } from "../../src/dense/geometry.ts";
import { mirrored } from "../../src/dense/mirror.ts";
import { fitInput } from "../../src/dense/plan.ts";
import type { Method } from "../../src/dense/plan.ts";
import type { Preprocessing } from "../../src/dense/preprocess.ts";
import { startInference } from "../../src/inference/client.ts";
import type { Inference } from "../../src/inference/client.ts";
import { loadModel } from "../../src/inference/load-model.ts";
import { planFor, runMap, runPixels, runTiles } from "../../src/inference/run-map.ts";
import type { MapRequest } from "../../src/inference/run-map.ts";
import type { Failure } from "../../src/text/failure.ts";
import { inferenceEntry } from "../support/inference-entry.ts";
import { geometryOf, patchNetModel, randomImage } from "../support/patch-net.ts";
import type { PatchNet } from "../support/patch-net.ts";

let entry: string;
let inference: Inference;
beforeAll(async () => {
  entry = await inferenceEntry();
  inference = await startInference(entry);
});
afterAll(() => inference.close());

const preprocessing: Preprocessing = { channels: "bgr", mean: [104, 117, 123], scale: 1 / 64 };

const square = (side: number): Extent => ({ height: side, width: side });
const even: PatchNet = { channels: 3, classes: 3, conv1: square(3), pool: square(2), conv2: square(5) };
const odd: PatchNet = { channels: 3, classes: 2, conv1: square(4), pool: square(2), conv2: square(5) };
const oblong: PatchNet = {
  channels: 3, classes: 2, conv1: { height: 3, width: 2 }, pool: { height: 2, width: 3 }, conv2: { height: 5, width: 4 },
};
const strideOne: PatchNet = { channels: 3, classes: 2, conv1: square(3), pool: square(1), conv2: square(4) };

/** A request for a map of class 1, with the net laid out for the method and the largest tile wanted. */
async function requestFor(net: PatchNet, method: Method, image: MapRequest["image"], limit = square(1000), batch = 1): Promise<MapRequest> {
  const geometry = geometryOf(net);
  const input = fitInput(method, image, geometry, limit);
  const session = await loadModel(inference, patchNetModel(net, input, method === "naive" ? "n" : batch), { provider: "cpu" });
  return { inference, session, geometry, image, preprocessing, classIndex: 1 };
}

async function mapOf(net: PatchNet, method: Method, image: MapRequest["image"], limit?: Extent, batch?: number): Promise<Float32Array> {
  const request = await requestFor(net, method, image, limit, batch);
  const map = await runMap(request, method);
  await inference.dispose(request.session);
  expect(map.length).toBe(image.height * image.width);
  return map;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

test.each([
  { name: "even patch 12", net: even, height: 31, width: 44 },
  { name: "odd patch 13", net: odd, height: 44, width: 30 },
  { name: "patch 12 x 13, stride 2 x 3", net: oblong, height: 29, width: 40 },
  { name: "an image smaller than the patch", net: oblong, height: 5, width: 3 },
  { name: "one pixel", net: odd, height: 1, width: 1 },
])("advanced equals the patch classifier at every pixel, whatever the tiles: $name", async ({ net, height, width }) => {
  const image = randomImage(height, width, 3);
  const naive = await mapOf(net, "naive", image);
  const { patch } = geometryOf(net);
  // One tile; tiles of several outputs; tiles of one; with several shifts at once, the last batch short.
  for (const [limit, batch] of [[square(1000), 1], [square(24), 1], [{ height: 19, width: 26 }, 3], [patch, 4]] as const) {
    expect(largestDifference(await mapOf(net, "advanced", image, limit, batch), naive)).toBeLessThan(1e-6);
  }
});

test("tiles come in the memory of those before, once these have been taken", async () => {
  const request = await requestFor(strideOne, "dense", randomImage(60, 40, 3), square(16));
  const plan = planFor(request, "dense");
  const memory = new Set<ArrayBufferLike>();
  await runTiles(request, plan, async (_, values) => {
    memory.add(values.buffer);
    const before = values.slice();
    // The next ones are computed and received meanwhile.
    await inference.status();
    await inference.status();
    expect(values).toEqual(before);
  });
  await inference.dispose(request.session);
  expect(plan.tiles.length).toBeGreaterThan(8);
  expect(memory.size).toBeLessThanOrEqual(3);
});

test.each([
  { name: "even patch 12", net: even, height: 31, width: 44 },
  { name: "odd patch 13", net: odd, height: 44, width: 30 },
  { name: "patch 12 x 13, stride 2 x 3", net: oblong, height: 29, width: 40 },
])("simple equals advanced at the multiples of the stride and stays within [0, 1]: $name", async ({ net, height, width }) => {
  const image = randomImage(height, width, 3);
  const advanced = await mapOf(net, "advanced", image);
  const { stride } = geometryOf(net);
  for (const limit of [square(1000), square(22)]) {
    const simple = await mapOf(net, "simple", image, limit);
    let largest = 0;
    for (let row = 0; row < height; row += stride.height) {
      for (let column = 0; column < width; column += stride.width) {
        largest = Math.max(largest, Math.abs(simple[row * width + column]! - advanced[row * width + column]!));
      }
    }
    expect(largest).toBeLessThan(1e-6);
    expect(simple.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(largestDifference(simple, advanced)).toBeGreaterThan(1e-3);
  }
});

test("a net of stride 1 gives the same map densely, simply and patch by patch", async () => {
  const image = randomImage(23, 17, 3);
  const naive = await mapOf(strideOne, "naive", image);
  for (const method of ["dense", "simple", "advanced"] as const) {
    for (const limit of [square(1000), square(11)]) {
      expect(largestDifference(await mapOf(strideOne, method, image, limit), naive)).toBeLessThan(1e-6);
    }
  }
});

test("the map is what the net makes of each mirrored patch, computed by hand", async () => {
  const net = oblong;
  const image = randomImage(27, 25, 3);
  const { initializers } = patchNetModel(net, geometryOf(net).patch).graph;
  const weights = new Map(initializers.map(({ name, data }) => [name, data as Float32Array]));
  const map = await mapOf(net, "advanced", image);
  for (const [row, column] of [[0, 0], [26, 24], [13, 12], [0, 24], [7, 1]] as const) {
    expect(map[row * image.width + column]).toBeCloseTo(byHand(net, weights, image, row, column)[1]!, 5);
  }
});

/** The classes of one pixel in plain arithmetic: patch, convolution, ReLU, pooling, convolution, softmax. */
function byHand(
  net: PatchNet, weights: Map<string, Float32Array>, image: ReturnType<typeof randomImage>, row: number, column: number,
): number[] {
  const { patch } = geometryOf(net);
  const value = (channel: number, i: number, j: number): number => {
    const y = mirrored(row - Math.floor(patch.height / 2) + i, image.height);
    const x = mirrored(column - Math.floor(patch.width / 2) + j, image.width);
    return (image.data[(y * image.width + x) * 3 + 2 - channel]! - preprocessing.mean[channel]!) * preprocessing.scale;
  };
  type Layer = (channel: number, i: number, j: number) => number;
  const conv = (name: string, from: number, kernel: Extent, bottom: Layer): Layer => (to, i, j) => {
    const w = weights.get(`${name}_w`)!;
    let at = to * from * kernel.height * kernel.width;
    let sum = weights.get(`${name}_b`)![to]!;
    for (let c = 0; c < from; c++) {
      for (let y = 0; y < kernel.height; y++) for (let x = 0; x < kernel.width; x++) sum += w[at++]! * bottom(c, i + y, j + x);
    }
    return sum;
  };
  const hidden = 4;
  const first = conv("conv1", 3, net.conv1, value);
  const pool: Layer = (c, i, j) => {
    let largest = 0;
    for (let y = 0; y < net.pool.height; y++) {
      for (let x = 0; x < net.pool.width; x++) largest = Math.max(largest, first(c, i * net.pool.height + y, j * net.pool.width + x));
    }
    return largest;
  };
  const last = conv("conv2", hidden, net.conv2, pool);
  const scores = Array.from({ length: net.classes }, (_, c) => Math.exp(last(c, 0, 0)));
  const total = scores.reduce((sum, score) => sum + score, 0);
  return scores.map((score) => score / total);
}

test("chosen pixels are classified in their order", async () => {
  const image = randomImage(31, 44, 3);
  const map = await mapOf(even, "naive", image);
  const pixels = Array.from({ length: 71 }, (_, i) => ({ row: (i * 7) % 31, column: (i * 13) % 44 }));
  const request = await requestFor(even, "naive", image);
  const values = await runPixels(request, pixels);
  expect(largestDifference(values, Float32Array.from(pixels, ({ row, column }) => map[row * 44 + column]!))).toBeLessThan(1e-6);
});

test("samples cover the last pixel", () => {
  expect(samplesOf({ height: 31, width: 1 }, geometryOf(even))).toEqual({ height: 16, width: 1 });
});

test("progress counts every run of the net up to the total", async () => {
  const seen: string[] = [];
  const image = randomImage(20, 20, 3);
  const request = await requestFor(even, "advanced", image, square(20));
  await runMap({ ...request, onProgress: (done, total) => seen.push(`${done}/${total}`) }, "advanced");
  // Tiles of 5 x 5 outputs with stride 2 cover 10 x 10 pixels: four tiles of four shifts.
  expect(seen).toEqual(Array.from({ length: 16 }, (_, i) => `${i + 1}/16`));
});

async function failureOf(call: Promise<unknown>): Promise<Failure> {
  return call.then(() => { throw new Error("it did not fail"); }, (error: unknown) => error as Failure);
}

const grey: Preprocessing = { channels: "gray", mean: [], scale: 1 };
const assumed = (patch: number, stride: number) => ({ geometry: { patch: square(patch), stride: square(stride) } });

test.each([
  { name: "class", change: { classIndex: 3 }, says: "there is no class 3: the net has 3 classes, counted from 0" },
  { name: "channel order", change: { preprocessing: grey }, says: "the net takes 3 channels, the preprocessing gives 1." },
  { name: "stride", change: assumed(12, 1), says: "the net gives 5 x 5 outputs, its patch and stride promise 9 x 9." },
  { name: "patch", change: assumed(40, 2), says: "the net's input of 20 x 20 is smaller than the patch of 40 x 40" },
  { name: "output", change: { output: "score" }, says: /score/ },
])("a wrong $name is refused", async ({ change, says }) => {
  const request = await requestFor(even, "advanced", randomImage(20, 20, 3), square(20));
  const failure = await failureOf(runMap({ ...request, ...change }, "advanced"));
  expect(failure.message).toMatch(says);
});

test("a signal stops a map, and the process goes on with the next", async () => {
  const stop = new AbortController();
  const image = randomImage(40, 40, 3);
  const request = await requestFor(even, "advanced", image, square(14));
  const reported: number[] = [];
  const onProgress = (done: number): void => {
    reported.push(done);
    if (done === 3) stop.abort();
  };
  const failure = await failureOf(runMap({ ...request, signal: stop.signal, onProgress }, "advanced"));
  expect(failure.kind).toBe("cancelled");
  const map = await runMap(request, "advanced");
  expect(largestDifference(map, await mapOf(even, "naive", image))).toBeLessThan(1e-6);
  expect(reported).toEqual([1, 2, 3]);
});

test("an image that cannot be read ends the map with its failure", async () => {
  const image = randomImage(20, 20, 3);
  const request = await requestFor(even, "advanced", image, square(14));
  let reads = 0;
  const read = (region: Parameters<typeof image.read>[0]) => (++reads > 4 ? Promise.reject(new Error("disk")) : image.read(region));
  expect((await failureOf(runMap({ ...request, image: { ...image, read } }, "advanced"))).message).toBe("disk");
});

test("a process killed in the middle of a map fails it, and a new one makes the map", async () => {
  const victim = await startInference(entry);
  const image = randomImage(40, 40, 3);
  const geometry = geometryOf(even);
  const model = patchNetModel(even, inputFor(square(2), geometry));
  const on = async (process: Inference, onProgress?: (done: number) => void): Promise<Float32Array> => {
    const session = await loadModel(process, model, { provider: "cpu" });
    const request = { inference: process, session, geometry, image, preprocessing, classIndex: 1 };
    return runMap(onProgress === undefined ? request : { ...request, onProgress }, "advanced");
  };
  const failure = await failureOf(on(victim, (done) => { if (done === 5) process.kill(victim.pid, "SIGKILL"); }));
  expect(failure.kind).toBe("inference");
  expect(failure.message).toMatch(/^the inference process was killed/);
  const next = await startInference(entry);
  expect(largestDifference(await on(next), await mapOf(even, "naive", image))).toBeLessThan(1e-6);
  await next.close();
});
