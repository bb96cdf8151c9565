import { expect, test } from "vitest";
import { buildGraph } from "../../src/onnx/builder.ts";
import { int } from "../../src/onnx/model.ts";

test("names are made unique, equal constants shared", () => {
  const graph = buildGraph("net");
  const data = graph.input("data", [1, 4]);
  const first = graph.node("Relu", [data], {}, "relu");
  const second = graph.node("Relu", [first], {}, "relu");
  expect([first, second]).toEqual(["relu", "relu_1"]);
  const two = graph.constant("int64", [1, 4]);
  expect(graph.constant("int64", [1, 4])).toBe(two);
  expect(graph.constant("int64", [1, 4], [1, 2])).not.toBe(two);
  expect(graph.constant("int32", [1, 4])).not.toBe(two);
  expect(graph.constant("float32", [0])).not.toBe(graph.constant("float32", [-0]));
  expect(graph.nodeOfMany("Split", [second, two], { axis: int(1) }, ["relu", "b"])).toEqual(["relu_2", "b"]);
  graph.output("b", [1, 4]);
  const model = graph.finish();
  expect(model.graph.nodes.map((node) => node.outputs)).toEqual([["relu"], ["relu_1"], ["relu_2", "b"]]);
  expect(model.graph.initializers.map(({ type, shape }) => `${type} ${shape.join("x")}`)).toEqual([
    "int64 2", "int64 1x2", "int32 2", "float32 1", "float32 1",
  ]);
});

test("a scalar has no axes", () => {
  const graph = buildGraph("net");
  graph.constant("float32", [0.5], []);
  expect(graph.finish().graph.initializers[0]).toMatchObject({ type: "float32", shape: [], data: Float32Array.of(0.5) });
});

test("a value that nothing made, and a weight of another size than its shape, are defects of the caller", () => {
  const graph = buildGraph("net");
  expect(() => graph.node("Relu", ["data"])).toThrow("Relu reads 'data', which nothing has made");
  expect(() => { graph.output("prob", [1]); }).toThrow("'prob'");
  expect(() => graph.weight("w", new Float32Array(5), [2, 3])).toThrow("'w' has 5 elements, its shape [2, 3]");
});
