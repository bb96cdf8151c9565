import type { Region } from "../../src/dense/fill.ts";
import type { Method } from "../../src/dense/plan.ts";
import { inMemory } from "../../src/image/picture-source.ts";
import { readImage } from "../../src/image/image.ts";
import { openClassifier, type Classifier } from "../../src/inference/classifier.ts";
import { startInference, type Inference } from "../../src/inference/client.ts";
import { runTiles } from "../../src/inference/run-map.ts";
import { chooseLayout, classifyPixels, loadMap, type LoadedMap, type SegmentRequest } from "../../src/inference/segment.ts";
import type { NetShapes } from "../../src/net/shapes.ts";
import { buildGraph } from "../../src/onnx/builder.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { passes } from "../../src/onnx/passes/passes.ts";
import { writeOnnxFile } from "../../src/onnx/write.ts";
import { openWeights } from "../../src/weights/open.ts";
import { interleaved, median, runProgram, seconds } from "./measure.ts";
import { meanOf, shapesOf, type BenchNet } from "./nets.ts";
import { withPlainLrn } from "./plain.ts";

/** Side of the matrices whose product is the machine's measure. */
const MATRIX = 2048;

/** What is timed of a net; `plain` is shift-and-stitch on the net as an exporter writes it: no passes over the graph, LRN as one operator. */
export type Timed = Method | "plain";

export interface MethodFigures {
  readonly title: string;
  readonly side: number;
  readonly rounds: number;
  readonly patch: number;
  readonly stride: number;
  /** Multiply-adds that a pixel takes in dense form. */
  readonly work: number;
  /** Multiply-adds a second of a matrix product, as onnxruntime gives it to any Node program. */
  readonly matrixRate: number;
  /** The same in the inference process, which is set up for what it does. */
  readonly matrixRateInside: number;
  /** Median seconds a pixel. */
  readonly perPixel: Readonly<Record<Timed, number>>;
  /** Of how many tiles the plain net was timed on how many, every pass of each. */
  readonly plainTiles: { readonly timed: number; readonly all: number };
  /** Largest difference between dense and plain on those tiles. */
  readonly difference: number;
  /** Seconds a pixel spent in the dense net itself. */
  readonly denseNet: number;
  /** The program, image file to map file. */
  readonly program: {
    /** Seconds a pixel, without its start. */
    readonly perPixel: number;
    readonly memory: number;
  };
}

/** What a net is timed on. */
export interface MethodSetting {
  /** A picture as a TIFF, and where its map goes. */
  readonly image: string;
  readonly map: string;
  /** Where a model of a matrix product goes. */
  readonly matrix: string;
  readonly rounds: number;
  /** Pixels that are classified patch by patch. */
  readonly sampled: number;
  /** Tiles of the map that the plain net is timed on. */
  readonly plainTiles: number;
}

/** Times the methods on one image, round by round beside a matrix product. */
export async function measureMethods(net: BenchNet, setting: MethodSetting): Promise<MethodFigures> {
  const { rounds, sampled } = setting;
  const shapes = shapesOf(net);
  const weights = await openWeights(net.weights);
  const classifier = await openClassifier(shapes, weights, {});
  const inference = await startInference("dist/inference.cjs");
  const image = inMemory(await readImage(setting.image));
  const preprocessing = { channels: "bgr", mean: await meanOf(net), scale: 1 } as const;
  const request: SegmentRequest = { inference, provider: "cpu", classifier, image, preprocessing, classIndex: classifier.classes - 1 };
  await writeOnnxFile(matrixModel(), setting.matrix);
  const inside = await matrixProduct(inference, setting.matrix);
  const [dense, simple, advanced] = [await load(request, "dense"), await load(request, "simple"), await load(request, "advanced")];
  const plain = await load({ ...request, classifier: plainNet(shapes, await openClassifier(shapes, weights, { withoutPasses: passes.map(({ name }) => name) })) }, "advanced");
  const some = spread(plain.plan.tiles, setting.plainTiles);
  const pixels = image.width * image.height;
  const places = Array.from({ length: sampled }, (_, i) => ({ row: Math.imul(i, 7919) % image.height, column: Math.imul(i, 104_729) % image.width }));
  const [memory, inNet]: [number[], number[]] = [[], []];
  const figures = await interleaved(rounds, {
    matrix: async () => Number((await runProgram(["scripts/bench/matrix.mjs", setting.matrix, String(MATRIX), String(PRODUCTS)])).out),
    inside,
    dense: () => seconds(async () => { inNet.push(await netSeconds(dense)); }),
    simple: () => seconds(() => netSeconds(simple)),
    advanced: () => seconds(() => netSeconds(advanced)),
    plain: () => seconds(() => netSeconds(plain, some)),
    naive: () => seconds(() => classifyPixels(request, places)),
    program: async () => {
      const mean = net.mean === undefined ? ["--mean", "128"] : ["--mean", net.mean];
      const run = await runProgram(["dist/cli.cjs", "segment", setting.image, "--net", net.text, "--weights", net.weights, ...mean, "--provider", "cpu", "--out", setting.map, "--json", "--force"]);
      memory.push(run.peak);
      return (JSON.parse(run.out) as [{ seconds: number }])[0].seconds;
    },
  });
  const difference = await largestDifference(dense, plain, some.slice(0, 1));
  await inference.close();
  const plainPixels = some.reduce((sum, tile) => sum + tile.height * tile.width, 0);
  return {
    title: net.title, side: image.width, rounds, work: denseWork(shapes), matrixRate: MATRIX ** 3 / figures.matrix, matrixRateInside: MATRIX ** 3 / figures.inside,
    patch: classifier.geometry.patch.height, stride: classifier.geometry.stride.height,
    perPixel: { dense: figures.dense / pixels, simple: figures.simple / pixels, advanced: figures.advanced / pixels, plain: figures.plain / plainPixels, naive: figures.naive / sampled },
    plainTiles: { timed: some.length, all: plain.plan.tiles.length },
    difference,
    denseNet: median(inNet) / pixels,
    program: { perPixel: figures.program / pixels, memory: Math.max(...memory) },
  };
}

function plainNet(shapes: NetShapes, classifier: Classifier): Classifier {
  return { ...classifier, fullyConvolutional: (input, batch) => withPlainLrn(classifier.fullyConvolutional(input, batch), shapes) };
}

async function load(request: SegmentRequest, method: Method): Promise<LoadedMap> {
  const loaded = await loadMap(request, method, await chooseLayout(request, method));
  // The first run sets the buffers up.
  await netSeconds(loaded, loaded.plan.tiles.slice(0, 1));
  return loaded;
}

/** So many tiles, evenly spread over all. */
function spread(tiles: readonly Region[], wanted: number): Region[] {
  const n = Math.min(wanted, tiles.length);
  return Array.from({ length: n }, (_, i) => tiles[Math.floor(((i + 0.5) * tiles.length) / n)]!);
}

/** Runs a loaded net on its image, or on some tiles of it, and gives the seconds spent in the net itself. */
function netSeconds({ map, plan }: LoadedMap, tiles: readonly Region[] = plan.tiles): Promise<number> {
  return runTiles(map, plan, () => undefined, tiles);
}

/** How far the map of one net is from that of the other, at the pixels that some tiles of the latter share with tiles of the former. */
async function largestDifference(one: LoadedMap, other: LoadedMap, tiles: readonly Region[]): Promise<number> {
  const values = new Map<number, number>();
  const width = other.plan.map.width;
  const each = (tile: Region, data: Float32Array, see: (at: number, value: number) => void): void => {
    data.forEach((value, i) => { see((tile.top + Math.floor(i / tile.width)) * width + tile.left + (i % tile.width), value); });
  };
  await runTiles(other.map, other.plan, (tile, data) => { each(tile, data, (at, value) => values.set(at, value)); }, tiles);
  let [largest, compared] = [0, 0];
  const touching = one.plan.tiles.filter((a) => tiles.some((b) => a.top < b.top + b.height && b.top < a.top + a.height && a.left < b.left + b.width && b.left < a.left + a.width));
  const compare = (at: number, value: number): void => {
    const known = values.get(at);
    if (known === undefined) return;
    compared++;
    largest = Math.max(largest, Math.abs(known - value));
  };
  await runTiles(one.map, one.plan, (tile, data) => { each(tile, data, compare); }, touching);
  return compared === 0 ? NaN : largest;
}

/** Multiply-adds of one output of the net in dense form: every weight of a convolution is used once. */
function denseWork(shapes: NetShapes): number {
  return shapes.net.layers.reduce((sum, layer) => {
    const isProduct = layer.type === "Convolution" || layer.type === "InnerProduct";
    return sum + (isProduct ? shapes.layers[layer.index]!.params[0]!.reduce((a, b) => a * b, 1) : 0);
  }, 0);
}

/** Products in a row that are timed: as long as a net runs, a processor does not keep up what it reaches in a moment. */
const PRODUCTS = 16;

function matrixModel(): OnnxModel {
  const graph = buildGraph("matrix");
  const a = graph.input("a", [MATRIX, MATRIX]);
  graph.output(graph.node("MatMul", [a, graph.weight("b", matrixValues(), [MATRIX, MATRIX])], {}, "product"), [MATRIX, MATRIX]);
  return graph.finish();
}

function matrixValues(): Float32Array {
  return Float32Array.from({ length: MATRIX * MATRIX }, (_, i) => (i % 17) / 17);
}

/** Seconds of a product of two matrices in the inference process, in the mean of several. */
async function matrixProduct(inference: Inference, model: string): Promise<() => Promise<number>> {
  const data = matrixValues();
  const session = await inference.load(model, { provider: "cpu" });
  const run = async (): Promise<number> => (await inference.run(session, { a: { type: "float32", shape: [MATRIX, MATRIX], data } })).seconds;
  await run();
  return async () => {
    let sum = 0;
    for (let i = 0; i < PRODUCTS; i++) sum += await run();
    return sum / PRODUCTS;
  };
}
