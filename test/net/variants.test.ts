import { describe, expect, test } from "vitest";
import { dialectNames } from "../../src/schema/schema.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet, type Net } from "../../src/net/net.ts";
import { outputField } from "../../src/net/reach.ts";
import { inferShapes } from "../../src/net/shapes.ts";

function netOf(text: string, state: Parameters<typeof readNet>[1] = {}): Net {
  return readNet(readDocument(text), state);
}

function tops(text: string, options: Parameters<typeof inferShapes>[1] = {}): unknown {
  const shapes = inferShapes(netOf(text), options);
  return Object.fromEntries(shapes.net.layers.flatMap((layer, i) => layer.tops.map((blob, j) => [blob.name, shapes.layers[i]!.tops[j]])));
}

describe("nets in their variants", () => {
  test.each(dialectNames)("net-level input is read for %s", (dialect) => {
    expect(tops(`# proto-dialect: ${dialect}\ninput: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 9`)).toEqual({ data: [1, 3, 8, 9] });
  });

  test("phases and stages choose layers", () => {
    const text = 'layer { name: "a" type: "Silence" include { phase: TRAIN } } layer { name: "b" type: "Silence" exclude { stage: "x" } } layer { name: "c" type: "Silence" include { stage: "x" not_stage: "y" } } layer { name: "d" type: "Silence" include { min_level: 2 } include { } }';
    const names = (state: Parameters<typeof readNet>[1]): string => netOf(text, state).layers.map((layer) => layer.name).join("");
    expect([names({}), names({ phase: "TRAIN" }), names({ stages: ["x"] }), names({ stages: ["x", "y"] })]).toEqual(["bd", "abd", "cd", "d"]);
  });

  test("unknown dimensions stay unknown and spoil nothing", () => {
    const text = 'layer { name: "d" type: "Data" top: "data" top: "label" data_param { batch_size: 4 } transform_param { crop_size: 9 } } layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 6 kernel_size: 3 group: 2 } } layer { name: "f" type: "InnerProduct" bottom: "c" top: "f" inner_product_param { num_output: 5 } }';
    expect(tops(text)).toEqual({ data: [4, NaN, 9, 9], label: [4], c: [4, 6, 7, 7], f: [4, 5] });
    expect(inferShapes(netOf(text)).diagnostics).toEqual([]);
  });

  test("layers of one's own: like a known type, or of fixed shape", () => {
    const text = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 layer { name: "m" type: "Mine" bottom: "data" top: "m" } layer { name: "o" type: "Other" bottom: "m" top: "o" } layer { name: "u" type: "Unknown" bottom: "o" top: "u" }';
    expect(tops(text, { custom: { Mine: { like: "ReLU" }, Other: { tops: [[1, 7]] } } })).toEqual({ data: [1, 3, 8, 8], m: [1, 3, 8, 8], o: [1, 7], u: undefined });
    expect(inferShapes(netOf(text)).diagnostics.map((d) => [d.severity, d.code])).toEqual([["warning", "unknown-layer-type"], ["warning", "unknown-layer-type"], ["warning", "unknown-layer-type"]]);
  });

  test("receptive field and stride through branches", () => {
    const conv = (name: string, bottom: string, kernel: number, more = ""): string => `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { num_output: 2 kernel_size: ${kernel} ${more} } }`;
    const text = `input: "data" input_dim: 1 input_dim: 1 input_dim: 32 input_dim: 32 ${conv("a", "data", 3)} ${conv("b", "a", 3, "dilation: 2")} ${conv("c", "b", 2, "stride: 2")}`;
    expect(outputField(inferShapes(netOf(text)))).toEqual({ size: [8, 8], stride: [2, 2], offset: [0, 0] });
    const padded = `input: "data" input_dim: 1 input_dim: 1 input_dim: 32 input_dim: 32 ${conv("a", "data", 3, "pad: 1")} ${conv("b", "data", 5, "pad: 2")} layer { name: "s" type: "Eltwise" bottom: "a" bottom: "b" top: "s" }`;
    expect(outputField(inferShapes(netOf(padded)))).toEqual({ size: [5, 5], stride: [1, 1], offset: [-2, -2] });
  });
});
