import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { convertNet, type Surgery, type SurgeryOptions } from "../../src/surgery/fully-convolutional.ts";

function convert(text: string, options: SurgeryOptions = {}): Surgery | { refusals: string[] } {
  const result = convertNet(inferShapes(readNet(readDocument(text))), options);
  return "refusals" in result ? { refusals: result.refusals.map((d) => `${text.slice(d.start, d.end)}: ${d.message}`) } : result;
}

function checkConverted(text: string, expected: readonly string[], options: SurgeryOptions = {}): Surgery {
  const result = convert(text, options);
  if ("refusals" in result) throw new Error(result.refusals.join("\n"));
  for (const part of expected) expect(result.text).toContain(part);
  return result;
}

function checkRefused(text: string, at: string, message: RegExp, options: SurgeryOptions = {}): void {
  const result = convert(text, options);
  if (!("refusals" in result)) throw new Error(`not refused: ${result.text}`);
  expect(result.refusals.length).toBe(1);
  expect(result.refusals[0]).toMatch(message);
  expect(result.refusals[0]!.slice(0, at.length + 2)).toBe(`${at}: `);
}

const image = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 6 } } }\n';
const layer = (name: string, type: string, bottoms: string, more = ""): string =>
  `layer { name: "${name}" type: "${type}" ${bottoms.split(" ").map((bottom) => `bottom: "${bottom}"`).join(" ")} top: "${name}" ${more} }\n`;
const fc = (name: string, bottom: string, param = "num_output: 4", more = ""): string => layer(name, "InnerProduct", bottom, `${more} inner_product_param { ${param} }`);
const flat = (name: string, bottom: string): string => layer(name, "Flatten", bottom);

describe("between a Flatten and the layer that reads it", () => {
  test("layers that take every value by itself stay", () => {
    const text = `${image}${flat("flat", "data")}${layer("r", "ReLU", "flat")}${layer("d", "Dropout", "r")}${fc("fc", "d")}`;
    expect(checkConverted(text, ['"ReLU" bottom: "data"', "kernel_h: 8 kernel_w: 6"]).removals.map(({ name }) => name)).toEqual(["flat"]);
  });
  test("vectors of two images may be joined", () => {
    const conv = layer("c", "Convolution", "data", "convolution_param { num_output: 2 kernel_size: 1 }");
    const { conversions } = checkConverted(`${image}${conv}${flat("f1", "data")}${flat("f2", "c")}${layer("j", "Concat", "f1 f2", "concat_param { axis: -1 }")}${fc("fc", "j")}`, ['bottom: "data" bottom: "c" top: "j" concat_param { axis: 1 }']);
    expect(conversions.map(({ from, to }) => [from, to])).toEqual([[[4, 240], [4, 5, 8, 6]]]);
  });
  test("a Reshape to four axes is one too", () => {
    const reshape = layer("r", "Reshape", "data", "reshape_param { shape { dim: 0 dim: -1 dim: 1 dim: 1 } }");
    const { conversions } = checkConverted(`${image}${reshape}${layer("s", "Sigmoid", "r")}${fc("fc", "s")}`, ["kernel_h: 8 kernel_w: 6"]);
    expect(conversions.map(({ to }) => to)).toEqual([[4, 3, 8, 6]]);
  });
  test.each([
    ["weights for each value", layer("b", "BatchNorm", "flat")],
    ["one weight for each value", layer("b", "PReLU", "flat")],
    ["sums over all of them", layer("b", "Softmax", "flat")],
  ])("refused: %s", (_, between) => {
    checkRefused(`${image}${flat("flat", "data")}${between}${fc("fc", "b")}`, '"flat"', /b \(\w+\) works on 'flat', in which an image of 3 x 8 x 6 is laid out as a vector/);
  });
  test("layouts that are no vector are refused", () => {
    checkRefused(`${image}${layer("f", "Flatten", "data", "flatten_param { axis: 2 }")}${fc("fc", "f")}`, '"Flatten"', /turns 1 x 3 x 8 x 6 into 1 x 3 x 48/);
  });
});

describe("vectors become images of 1 x 1", () => {
  test.each([
    ["Softmax", "softmax_param { axis: -1 }", "softmax_param { axis: 1 }"],
    ["Scale", "scale_param { axis: -1 bias_term: true }", "scale_param { axis: 1 bias_term: true }"],
    ["ArgMax", "argmax_param { axis: -1 }", "argmax_param { axis: 1 }"],
  ])("the axis of %s is counted from the front", (type, before, after) => {
    checkConverted(image + fc("fc", "data") + layer("x", type, "fc", before), [after]);
  });
  test("BatchNorm and Scale after a fully connected layer keep their weights", () => {
    const { shapes } = checkConverted(image + fc("fc", "data") + layer("b", "BatchNorm", "fc") + layer("s", "Scale", "b") + fc("fc2", "s"), []);
    expect(shapes.layers.map(({ params }) => params)).toEqual([[], [[4, 3, 8, 6], [4]], [[4], [4], [1]], [[4]], [[4, 4, 1, 1], [4]], []]);
  });
});

describe("labels and other inputs that are no images are left alone", () => {
  const labels = 'layer { name: "label" type: "Input" top: "label" input_param { shape { dim: 1 dim: 5 } } }\n';
  test("laid out as they please", () => {
    const { removals } = checkConverted(image + labels + layer("r", "Reshape", "label", "reshape_param { shape { dim: 5 dim: 1 } }") + fc("fc", "data"), ["reshape_param { shape { dim: 5 dim: 1 } }"]);
    expect(removals).toEqual([]);
  });
  test("but no fully connected layer reads them", () => {
    checkRefused(image + labels + fc("a", "data") + layer("j", "Concat", "a label") + fc("fc", "label"), '"label"', /fc reads 'label' \(1 x 5\), which has no rows and columns/);
  });
});

describe("weights that two layers share", () => {
  const shared = (param = ""): string => `num_output: 12 ${param}`;
  const name = 'param { name: "w" }';
  test("stay shared", () => {
    checkConverted(image + fc("a", "data", "num_output: 12") + fc("b", "a", shared(), name) + fc("c", "b", shared(), name), ['name: "b-conv"', 'name: "c-conv"', 'param { name: "w" } convolution_param { kernel_size: 1 num_output: 12']);
    const both = checkConverted(image + fc("a", "data", "num_output: 12") + fc("b", "a", shared("transpose: true"), name) + fc("c", "b", shared("transpose: true"), name), []);
    expect(both.conversions.map(({ transpose }) => transpose)).toEqual([false, true, true]);
  });
  test("are refused where only one takes them transposed", () => {
    checkRefused(image + fc("a", "data", "num_output: 12") + fc("b", "a", shared(), name) + fc("c", "b", shared("transpose: true"), name), '"w"', /c shares its weights with b, but only one of the two takes them transposed/);
  });
});

describe("what an image will do that a patch does not", () => {
  const obstacles = (text: string): string[] => checkConverted(text, []).obstacles.map((d) => `${d.code} ${d.layer ?? ""}`);
  test.each<[string, string, string[]]>([
    ["nothing", fc("fc", "data") + layer("p", "Softmax", "fc"), []],
    ["a pool of fixed size is none", layer("g", "Pooling", "data", "pooling_param { pool: AVE global_pooling: true }") + fc("fc", "g"), []],
    ["padding", layer("c", "Convolution", "data", "convolution_param { num_output: 2 kernel_size: 3 pad: 1 }") + fc("fc", "c"), ["padding c"]],
    ["a clipped pool", layer("c", "Pooling", "data", "pooling_param { kernel_size: 3 stride: 2 }") + fc("fc", "c"), ["clipped-pooling c"]],
    ["the largest of all positions", fc("fc", "data") + layer("best", "ArgMax", "fc"), ["global-layer best"]],
    ["an input of fixed size", `layer { name: "mask" type: "Parameter" top: "mask" parameter_param { shape { dim: 1 dim: 3 dim: 8 dim: 6 } } }\n${layer("m", "Eltwise", "data mask")}${fc("fc", "m")}`, ["fixed-size m"]],
  ])("%s", (_, layers, expected) => {
    expect(obstacles(image + layers)).toEqual(expected);
  });
});

describe("layouts", () => {
  test.each([
    ["no blank after the brace", "{num_output: 4}", "{ kernel_size: 1 num_output: 4}"],
    ["angle brackets", "< num_output: 4 >", "< kernel_size: 1 num_output: 4 >"],
    ["a comment in between", "{ # what it makes\n    num_output: 4\n  }", "{ # what it makes\n    kernel_size: 1\n    num_output: 4\n  }"],
    ["with a colon", ": { num_output: 4, }", ": { kernel_size: 1 num_output: 4, }"],
  ])("%s", (_, before, after) => {
    const text = `${image}${fc("a", "data")}layer { name: "fc" type: "InnerProduct" bottom: "a" top: "fc" inner_product_param${before.startsWith("{") || before.startsWith("<") ? " " : ""}${before} }\n`;
    checkConverted(text, [after]);
  });
  test.each([
    ["input_dim", 'input: "data"\ninput_dim: [1, 3, 8, 6]\n', "input_dim: [1, 3, 80, 60]"],
    ["input_shape", 'input: "data" input_shape: < dim: 1 dim: 0x3 dim: 8 dim: 6 >\n', "dim: 80 dim: 60 >"],
    ["two images", 'input: "data" input: "b" input_dim: [1, 3, 8, 6] input_dim: 1 input_dim: 1 input_dim: 4 input_dim: 4\n', "input_dim: 1 input_dim: 1 input_dim: 80 input_dim: 60"],
  ])("the input's size in %s", (_, inputs, after) => {
    checkConverted(inputs + fc("fc", "data"), [after], { inputSize: [80, 60] });
  });
  test("another suffix, and one that is taken", () => {
    checkConverted(image + fc("fc", "data"), ['name: "fc_full"', 'top: "fc_full"'], { suffix: "_full" });
    checkRefused(image + layer("fc_full", "ReLU", "data") + fc("fc", "fc_full"), '"fc"', /a layer named 'fc_full' exists already/, { suffix: "_full" });
    checkRefused(`${image}layer { name: "x" type: "ReLU" bottom: "data" top: "fc-conv" }\n${fc("fc", "fc-conv")}`, '"fc-conv"', /a blob named 'fc-conv' exists already/);
  });
  test("layers of other phases follow the new names", () => {
    const text = `${image}${fc("fc", "data")}layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" include { phase: TRAIN } }\n${layer("prob", "Softmax", "fc", "include { phase: TEST }")}`;
    checkConverted(text, ['name: "loss" type: "SoftmaxWithLoss" bottom: "fc-conv" bottom: "label"']);
  });
});
