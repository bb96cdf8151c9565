import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inBlocks, mayStayInBlocks } from "../../src/inference/blocked-layout.ts";
import { buildGraph, type GraphBuilder } from "../../src/onnx/builder.ts";
import { int, ints, type OnnxModel, type OnnxNode } from "../../src/onnx/model.ts";
import { readOnnxFile } from "../../src/onnx/read.ts";
import { onnxBytes } from "../../src/onnx/write.ts";
import { randomNumbers } from "../support/patch-net.ts";
import { classifierOf, samples } from "../support/segment-sample.ts";

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), "blocks-")); });
afterAll(() => { rmSync(folder, { recursive: true }); });

const options = { logSeverityLevel: 3, intraOpNumThreads: 1 } as const;

/** What a model gives for a random image, as onnxruntime runs it. */
async function valuesOf(session: ort.InferenceSession, shape: readonly number[]): Promise<Float32Array> {
  const random = randomNumbers(7);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 4 - 2);
  const outputs = await session.run({ [session.inputNames[0]!]: new ort.Tensor("float32", data, [...shape]) });
  return outputs[session.outputNames[0]!]!.data as Float32Array;
}

/** The model as onnxruntime optimises it, the same kept in blocks, and that both give the same to the last bit. */
async function checkSame(model: OnnxModel): Promise<{ optimised: OnnxModel; blocked: OnnxModel | undefined }> {
  const file = join(folder, "optimised.onnx");
  const shape = model.graph.inputs[0]!.shape as number[];
  const session = await ort.InferenceSession.create(onnxBytes(model), { ...options, optimizedModelFilePath: file });
  const optimised = await readOnnxFile(file);
  const blocked = inBlocks(optimised);
  const expected = await valuesOf(session, shape);
  await session.release();
  if (blocked !== undefined) {
    const other = await ort.InferenceSession.create(onnxBytes(blocked), { ...options, graphOptimizationLevel: "disabled" });
    expect(await valuesOf(other, shape)).toEqual(expected);
    await other.release();
  }
  return { optimised, blocked };
}

const conversions = (model: OnnxModel): number => model.graph.nodes.filter(({ opType }) => opType.startsWith("Reorder")).length;

/** A convolution, something between, and pooling. */
function modelOf(channels: number, between: (graph: GraphBuilder, value: string, conv: (value: string, size: number) => string) => string): OnnxModel {
  const graph = buildGraph("net");
  const random = randomNumbers(5);
  const numbers = (...shape: number[]): string => graph.weight("w", Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() + 0.1), shape);
  const image = graph.input("data", [1, 3, 12, 10]);
  const conv = (value: string, size: number): string =>
    graph.node("Conv", [value, numbers(channels, value === image ? 3 : channels, size, size), numbers(channels)], { kernel_shape: ints(size, size) });
  const first = graph.node("Relu", [conv(image, 3)]);
  const pooled = graph.node("MaxPool", [between(graph, first, conv)], { kernel_shape: ints(2, 2), strides: ints(1, 1) });
  graph.output(graph.node("Identity", [pooled]), [1, channels, "h", "w"]);
  return graph.finish();
}

// Other processors have no such layout, or another one.
describe.runIf(process.arch === "x64")("values stay in blocks", () => {
  test("around the operators of LRN, in the sample classifier", async () => {
    const classifier = await classifierOf(join(samples, "deploy.prototxt"), join(samples, "nuclei32.caffemodel"));
    for (const model of [classifier.fullyConvolutional({ height: 44, width: 40 }), classifier.dense({ height: 40, width: 44 }, "dilated")]) {
      expect(mayStayInBlocks(model)).toBe(true);
      const { optimised, blocked } = await checkSame(model);
      expect(conversions(blocked!)).toBe(conversions(optimised) - 6);
    }
  });

  test("where offsets become members of the batch, in the form with fewer products", async () => {
    const classifier = await classifierOf(join(samples, "deploy.prototxt"), join(samples, "nuclei32.caffemodel"));
    const { blocked } = await checkSame(classifier.dense({ height: 52, width: 47 }, "winograd"));
    const kinds = blocked!.graph.nodes.map(({ opType }) => opType).filter((opType) => opType.startsWith("Reorder"));
    // One for each set of rows and columns, at the very end.
    expect(kinds).toEqual(Array.from({ length: 4 }, () => "ReorderOutput"));
  });

  test("laid behind each other in the batch, after joined channels", async () => {
    const { blocked } = await checkSame(modelOf(16, (graph, value, conv) => {
      const joined = graph.node("Concat", [conv(value, 1), conv(value, 1)], { axis: int(1) });
      const halves = [0, 1].map((i) => graph.node("Conv", [joined, graph.weight("same", new Float32Array(16 * 32).fill(0.01 * (i + 1)), [16, 32, 1, 1])], { kernel_shape: ints(1, 1), strides: ints(2, 2), pads: ints(i, i, 1 - i, 1 - i) }));
      return graph.node("Concat", halves, { axis: int(0) });
    }));
    expect(conversions(blocked!)).toBe(1);
  });

  test("with a single number", async () => {
    const { blocked } = await checkSame(modelOf(16, (graph, value) => graph.node("Pow", [graph.node("Sqrt", [value]), graph.constant("float32", [3], [])])));
    expect(conversions(blocked!)).toBe(1);
  });
});

describe("values are written out", () => {
  test.each<[string, OnnxModel]>([
    ["where channels leave places of a block empty", modelOf(12, (graph, value) => graph.node("Div", [value, graph.node("Sqrt", [value])]))],
    ["for numbers a channel", modelOf(16, (graph, value) => graph.node("Div", [value, graph.weight("by", Float32Array.from({ length: 16 }, (_, i) => i + 1), [16, 1, 1])]))],
    ["where one value is spread over rows and columns", modelOf(16, (graph, value, conv) => graph.node("Div", [value, graph.node("Sqrt", [conv(graph.node("GlobalMaxPool", [value]), 1)])]))],
    ["of members of the batch with such channels", modelOf(12, (graph, value) => graph.node("Concat", [graph.node("Sqrt", [value]), value], { axis: int(0) }))],
    ["for operators along an axis", modelOf(16, (graph, value) => graph.node("Softmax", [value], { axis: int(3) }))],
  ])("%s", async (_, model) => {
    const { blocked } = await checkSame(model);
    expect(blocked).toBeUndefined();
  });

  test("and in blocks both, where both are read", async () => {
    const model = modelOf(16, (graph, value) => {
      const root = graph.node("Sqrt", [value]);
      return graph.node("Div", [root, graph.node("Softmax", [root], { axis: int(3) })]);
    });
    await checkSame(model);
  });
});

test("a model without such operators is not looked at", () => {
  expect(mayStayInBlocks(modelOf(16, (graph, value) => graph.node("Add", [value, value])))).toBe(false);
  expect(mayStayInBlocks(modelOf(16, (graph, value) => graph.node("Sqrt", [value])))).toBe(true);
});

test("an extent that is not known keeps two values apart", () => {
  const node = (opType: string, inputs: string[], output: string, attributes: OnnxNode["attributes"] = {}): OnnxNode => ({
    name: output, opType, inputs, outputs: [output], attributes, ...(opType.startsWith("Reorder") && { domain: "com.microsoft.nchwc" }),
  });
  const rows = { channels: int(16), channels_last: int(0) };
  const graph = (other: string): OnnxModel => ({
    opset: 17, producer: "", graph: {
      name: "net", inputs: [{ name: "x", type: "float32", shape: [1, 16, 4, 4] }], outputs: [{ name: "out", type: "float32", shape: [1, 16, 4, 4] }], initializers: [],
      nodes: [
        node("Resize", ["x"], "unknown"), node("ReorderOutput", ["x"], "a", rows), node("ReorderOutput", [other], "b", rows),
        node("Div", ["a", "b"], "c"), node("ReorderInput", ["c"], "out", { channels_last: int(0) }),
      ],
    },
  });
  expect(inBlocks(graph("unknown"))).toBeUndefined();
});
