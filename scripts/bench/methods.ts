import { readFileSync } from "node:fs";
import type { Method } from "../../src/dense/plan.ts";
import { openClassifier } from "../../src/inference/classifier.ts";
import { startInference, type Inference } from "../../src/inference/client.ts";
import { loadModel } from "../../src/inference/load-model.ts";
import { collectMap } from "../../src/inference/run-map.ts";
import { chooseLayout, classifyPixels, loadMap, type SegmentRequest } from "../../src/inference/segment.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { buildGraph } from "../../src/onnx/builder.ts";
import { channelMeans, readBinaryProto } from "../../src/weights/blob-file.ts";
import { openWeights } from "../../src/weights/open.ts";
import { pictureOf } from "./images.ts";
import { interleaved, runProgram, seconds } from "./measure.ts";

export const net = { text: "samples/nuclei32/deploy.prototxt", weights: "samples/nuclei32/nuclei32.caffemodel", mean: "samples/nuclei32/mean.binaryproto" };

/** Side of the matrices whose product is the machine's measure. */
const MATRIX = 2048;

export interface MethodFigures {
  readonly side: number;
  readonly rounds: number;
  /** Multiply-adds that a pixel takes in dense form. */
  readonly work: number;
  /** Multiply-adds a second of a matrix product in the same inference process. */
  readonly matrixRate: number;
  /** Median seconds a pixel, by method. */
  readonly perPixel: Readonly<Record<Method, number>>;
  /** Seconds a pixel spent in the dense net itself. */
  readonly denseNet: number;
  /** Seconds a pixel of the program, image file to map file, without its start. */
  readonly program: number;
  readonly programMemory: number;
}

/** Times the methods on one image, round by round beside a matrix product. `file` is the same image as a TIFF. */
export async function measureMethods(side: number, file: string, map: string, rounds: number, sampled: number): Promise<MethodFigures> {
  const shapes = inferShapes(readNet(readDocument(readFileSync(net.text, "utf8"))));
  const classifier = await openClassifier(shapes, await openWeights(net.weights), {});
  const inference = await startInference("dist/inference.cjs");
  const image = await pictureOf(side);
  const preprocessing = { channels: "bgr", mean: channelMeans(await readBinaryProto(net.mean)), scale: 1 } as const;
  const request: SegmentRequest = { inference, provider: "cpu", classifier, image, preprocessing, classIndex: 1 };
  const pixels = side * side;
  const places = Array.from({ length: sampled }, (_, i) => ({ row: Math.imul(i, 7919) % side, column: Math.imul(i, 104_729) % side }));
  const matrix = await matrixProduct(inference);
  const memory: number[] = [];
  const inNet: number[] = [];
  const dense = await methodRun(request, "dense");
  const simple = await methodRun(request, "simple");
  const advanced = await methodRun(request, "advanced");
  const figures = await interleaved(rounds, {
    matrix,
    dense: async () => {
      const { total, net: inside } = await dense();
      inNet.push(inside);
      return total;
    },
    simple: async () => (await simple()).total,
    advanced: async () => (await advanced()).total,
    naive: () => seconds(() => classifyPixels(request, places)),
    program: async () => {
      const run = await runProgram(["dist/cli.cjs", "segment", file, "--net", net.text, "--weights", net.weights, "--mean", net.mean, "--provider", "cpu", "--out", map, "--json", "--force"]);
      memory.push(run.peak);
      return (JSON.parse(run.out) as [{ seconds: number }])[0].seconds;
    },
  });
  await inference.close();
  return {
    side, rounds, work: denseWork(shapes), matrixRate: MATRIX ** 3 / figures.matrix,
    perPixel: { dense: figures.dense / pixels, simple: figures.simple / pixels, advanced: figures.advanced / pixels, naive: figures.naive / sampled },
    denseNet: [...inNet].sort((a, b) => a - b)[inNet.length >> 1]! / pixels,
    program: figures.program / pixels,
    programMemory: Math.max(...memory),
  };
}

/** Multiply-adds of one output of the net in dense form: every weight of a convolution is used once. */
function denseWork(shapes: ReturnType<typeof inferShapes>): number {
  return shapes.net.layers.reduce((sum, layer) => {
    const isProduct = layer.type === "Convolution" || layer.type === "InnerProduct";
    return sum + (isProduct ? shapes.layers[layer.index]!.params[0]!.reduce((a, b) => a * b, 1) : 0);
  }, 0);
}

/** A run of a method with the net loaded and warm: seconds in all, and in the net itself. */
async function methodRun(request: SegmentRequest, method: Method): Promise<() => Promise<{ total: number; net: number }>> {
  const loaded = await loadMap(request, method, await chooseLayout(request, method));
  return async () => {
    const start = performance.now();
    const inside = await collectSeconds(loaded);
    return { total: (performance.now() - start) / 1000, net: inside };
  };
}

async function collectSeconds({ map, plan }: Awaited<ReturnType<typeof loadMap>>): Promise<number> {
  let inside = 0;
  const { inference } = map;
  const counted: Inference = {
    ...inference,
    classify: async (session, windows) => {
      const planes = await inference.classify(session, windows);
      inside += planes.seconds;
      return planes;
    },
  };
  await collectMap({ ...map, inference: counted }, plan);
  return inside;
}

async function matrixProduct(inference: Inference): Promise<() => Promise<number>> {
  const graph = buildGraph("matrix");
  const a = graph.input("a", [MATRIX, MATRIX]);
  const values = Float32Array.from({ length: MATRIX * MATRIX }, (_, i) => (i % 17) / 17);
  graph.output(graph.node("MatMul", [a, graph.weight("b", values, [MATRIX, MATRIX])], {}, "product"), [MATRIX, MATRIX]);
  const session = await loadModel(inference, graph.finish(), { provider: "cpu" });
  const run = async (): Promise<number> => (await inference.run(session, { a: { type: "float32", shape: [MATRIX, MATRIX], data: values } })).seconds;
  await run();
  return run;
}
