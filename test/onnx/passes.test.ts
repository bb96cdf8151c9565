import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { join } from "node:path";
import { difference } from "../../src/image/compare.ts";
import { buildGraph, type GraphBuilder } from "../../src/onnx/builder.ts";
import { float, int, ints, type OnnxModel } from "../../src/onnx/model.ts";
import { optimised, passes } from "../../src/onnx/passes/passes.ts";
import { blocks, generatedNet } from "../support/generated-net.ts";
import { randomNumbers } from "../support/patch-net.ts";
import { runOnnx } from "../support/run-onnx.ts";
import { classifierOf, samples } from "../support/segment-sample.ts";

/** Both models give the same for random input; operators by their number in each. */
async function checkSame(before: OnnxModel, after: OnnxModel): Promise<void> {
  const [{ name, shape }] = before.graph.inputs as unknown as [{ name: string; shape: number[] }];
  const random = randomNumbers(before.graph.nodes.length);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 4 - 2);
  const [a] = await runOnnx(before, { [name]: { shape, data } });
  const [b] = await runOnnx(after, { [name]: { shape, data } });
  expect(after.graph.outputs).toEqual(before.graph.outputs);
  expect(b!.shape).toEqual(a!.shape);
  expect(difference(a!.data, b!.data).largest).toBeLessThan(1e-5);
}

const only = (model: OnnxModel, name: string): OnnxModel => optimised(model, passes.map((pass) => pass.name).filter((other) => other !== name));
const operators = ({ graph }: OnnxModel): string => graph.nodes.map((node) => node.opType).join(" ");

/** A graph on 4 channels of 6 x 6: `make` gives the value to give out. */
function modelOf(make: (graph: GraphBuilder, data: string, tools: Tools) => string): OnnxModel {
  const graph = buildGraph("net");
  const random = randomNumbers(3);
  const weight = (...shape: number[]): string => graph.weight("w", Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.4), shape);
  const tools: Tools = {
    conv: (value, group = 1, pad = 0) => graph.node("Conv", [value, weight(4, 4 / group, 3, 3), weight(4)], { kernel_shape: ints(3, 3), group: int(group), pads: ints(pad, pad, pad, pad) }),
    norm: (value) => graph.node("BatchNormalization", [value, weight(4), weight(4), weight(4), graph.weight("v", Float32Array.of(1, 0.5, 2, 3), [4])], { epsilon: float(1e-3) }),
    scale: (value) => graph.node("Mul", [weight(4, 1, 1), value]),
    shift: (value) => graph.node("Add", [value, weight(1, 4, 1, 1)]),
    scores: (value) => graph.node("Conv", [value, weight(2, 4, 1, 1)], { kernel_shape: ints(1, 1) }),
  };
  graph.output(make(graph, graph.input("data", [2, 4, 6, 6]), tools), [2, "c", "h", "w"]);
  return graph.finish();
}

interface Tools {
  readonly conv: (value: string, group?: number, pad?: number) => string;
  readonly norm: (value: string) => string;
  readonly scale: (value: string) => string;
  readonly shift: (value: string) => string;
  readonly scores: (value: string) => string;
}

describe("each pass does its work and leaves the numbers", () => {
  test.each<[string, OnnxModel, string]>([
    ["fold-into-previous", modelOf((_, data, { conv, norm, scale, shift }) => shift(scale(norm(conv(data, 2, 1))))), "Conv"],
    ["fold-into-previous", modelOf((graph, data, { conv, norm }) => { const c = conv(data); return graph.node("Add", [c, norm(c)]); }), "Conv BatchNormalization Add"],
    ["fold-into-next", modelOf((_, data, { conv, norm, scale, shift }) => conv(shift(scale(norm(data))), 2)), "Conv"],
    ["fold-into-next", modelOf((_, data, { conv, scale, shift }) => conv(shift(scale(data)), 1, 1)), "Mul Add Conv"],
    ["fold-into-next", modelOf((graph, data, { conv, norm }) => { const n = norm(data); return graph.node("Sub", [conv(n), conv(n, 2)]); }), "Conv Conv Sub"],
    ["drop-identity", modelOf((graph, data, { conv }) => graph.node("Identity", [graph.node("Dropout", [graph.node("Identity", [conv(data)])])], {}, "out")), "Conv"],
    ["drop-identity", modelOf((graph, data) => graph.node("Identity", [data])), "Identity"],
    ["softmax-of-two", modelOf((graph, data, { scores }) => graph.node("Softmax", [scores(data)], { axis: int(1) })), "Conv Sigmoid"],
    ["softmax-of-two", modelOf((graph, data, { conv }) => graph.node("Softmax", [conv(data)], { axis: int(1) })), "Conv Softmax"],
    ["softmax-of-two", modelOf((graph, data, { scores }) => graph.node("Softmax", [scores(data)], { axis: int(3) })), "Conv Softmax"],
  ])("%s", async (name, model, left) => {
    const after = only(model, name);
    expect(operators(after)).toBe(left);
    await checkSame(model, after);
  });

  test.each(passes.map(({ name }) => name))("%s alone on the sample classifier", async (name) => {
    const classifier = await classifierOf(join(samples, "deploy.prototxt"), join(samples, "nuclei32.caffemodel"), { withoutPasses: passes.map((pass) => pass.name) });
    const model = classifier.fullyConvolutional({ height: 44, width: 40 }, 2);
    await checkSame(model, only(model, name));
  });

  test("all of them on generated nets", async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (list) => {
        const { layout, geometry } = generatedNet(list);
        const model = layout(geometry.patch, 2);
        await checkSame(model, optimised(model));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
