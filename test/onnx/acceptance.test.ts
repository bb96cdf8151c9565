import { expect, test } from "vitest";
import { buildGraph } from "../../src/onnx/builder.ts";
import { float, int, ints, text } from "../../src/onnx/model.ts";
import { readOnnx } from "../../src/onnx/read.ts";
import { onnxBytes } from "../../src/onnx/write.ts";
import { runOnnx } from "../support/run-onnx.ts";

test("onnxruntime takes every kind of attribute and constant, and means the same by it", async () => {
  const graph = buildGraph("every-kind");
  const data = graph.input("data", [1, 1, 2, "w"]);
  const leaky = graph.node("LeakyRelu", [data], { alpha: float(0.5) });
  const toTheEnd = graph.weight("end", BigInt64Array.of(2n ** 63n - 1n), [1]);
  const rest = graph.node("Slice", [leaky, graph.constant("int64", [1]), toTheEnd, graph.constant("int64", [3])]);
  const padded = graph.node("Pad", [rest, graph.constant("int64", [0, 0, 0, 1, 0, 0, 0, 0])], { mode: text("edge") });
  const pooled = graph.node("MaxPool", [padded], { kernel_shape: ints(1, 2), strides: ints(1, 1) });
  const value = { name: "two", type: "float32", shape: [1], data: Float32Array.of(2) } as const;
  const two = graph.node("Constant", [], { value: { kind: "tensor", value } });
  const list = graph.node("Constant", [], { value_floats: { kind: "floats", value: [10, 20] } });
  const flags = graph.weight("flags", Uint8Array.of(1, 0), [2, 1], "bool");
  const chosen = graph.node("Where", [flags, graph.node("Mul", [pooled, two]), graph.node("ReduceSum", [list])]);
  const whole = graph.node("Cast", [chosen], { to: int(6) });
  const shifted = graph.node("Add", [whole, graph.constant("int32", [-1], [])]);
  graph.output(graph.node("Cast", [shifted], { to: int(1) }, "result"), [1, 1, 2, "v"]);
  const model = readOnnx(onnxBytes(graph.finish()));
  // Row 0: leaky [-1, 3, 5] from [-2, 3, 5]; its rest [3, 5], padded [3, 3, 5], pooled [3, 5], doubled [6, 10], less one.
  const [result] = await runOnnx(model, { data: { shape: [1, 1, 2, 3], data: Float32Array.of(-2, 3, 5, 7, 8, 9) } });
  expect(result).toMatchObject({ shape: [1, 1, 2, 2], data: Float32Array.of(5, 9, 29, 29) });
});
