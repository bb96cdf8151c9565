import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { Message } from "../../src/prototxt/message.ts";
import { convertNet, type Surgery, type SurgeryOptions } from "../../src/surgery/fully-convolutional.ts";
import { hasReal, realText } from "../support/real.ts";

function operate(text: string, options: SurgeryOptions = {}): Surgery {
  const result = convertNet(inferShapes(readNet(readDocument(text))), options);
  if ("refusals" in result) throw new Error(result.refusals.map((d) => d.message).join(" | "));
  return result;
}

function refusals(text: string, options: SurgeryOptions = {}): string[] {
  const result = convertNet(inferShapes(readNet(readDocument(text))), options);
  return "refusals" in result ? result.refusals.map((d) => d.message) : [];
}

/** The lines that a conversion takes away and puts in. */
function changes(before: string, after: string): { gone: string[]; come: string[] } {
  const [a, b] = [before.split("\n"), after.split("\n")];
  return { gone: a.filter((line) => !b.includes(line)), come: b.filter((line) => !a.includes(line)) };
}

const image = (dims = "dim: 1 dim: 3 dim: 8 dim: 8"): string => `layer { name: "data" type: "Input" top: "data" input_param { shape { ${dims} } } }\n`;
const fc = (name: string, bottom: string, param: string, more = ""): string => `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" ${more} inner_product_param { ${param} } }\n`;
const softmax = (bottom: string): string => `layer { name: "prob" type: "Softmax" bottom: "${bottom}" top: "prob" }\n`;

describe("conversion to fully convolutional", () => {
  const sample = readFileSync(join(import.meta.dirname, "../../samples/nuclei32/deploy.prototxt"), "utf8");

  test("changes only what the surgery is about", () => {
    const { text, conversions, softmax: added } = operate(sample, { inputSize: [2032, 2032] });
    expect(conversions.map(({ name, to }) => [name, to])).toEqual([["fc6-conv", [64, 32, 6, 6]], ["fc7-conv", [64, 64, 1, 1]], ["fc8-conv", [2, 64, 1, 1]]]);
    expect(added).toBeUndefined();
    const { gone, come } = changes(sample, text);
    expect(new Set(come.map((line) => line.trim()))).toEqual(new Set(["input_shape { dim: 1 dim: 3 dim: 2032 dim: 2032 }", ...["fc6", "fc7", "fc8"].flatMap((n) => [`name: "${n}-conv"`, `top: "${n}-conv"`, `bottom: "${n}-conv"`]), "kernel_size: 6", "kernel_size: 1"]));
    expect(gone.some((line) => line.includes("#"))).toBe(false);
    expect(text.split("\n")[0]).toBe(sample.split("\n")[0]);
  });

  test.each([
    ["one line", fc("fc", "data", "num_output: 2"), 'convolution_param { kernel_size: 8 num_output: 2 }'],
    ["not square", fc("fc", "data", "num_output: 2"), "convolution_param { kernel_h: 8 kernel_w: 6 num_output: 2 }", "dim: 1 dim: 3 dim: 8 dim: 6"],
    ["transpose makes room", fc("fc", "data", "transpose: true num_output: 2"), "convolution_param { kernel_size: 8 num_output: 2 }"],
    ["transpose and axis go", fc("fc", "data", "num_output: 2, axis: 1; transpose: true"), "convolution_param { num_output: 2, kernel_size: 8; }"],
  ])("%s", (_, layer, expected, dims?: string) => {
    expect(operate(image(dims) + layer + softmax("fc")).text).toContain(expected);
  });

  test("a Flatten before goes, with its line, and who read it reads the image", () => {
    const text = `${image()}# flattened here\nlayer { name: "flat" type: "Flatten" bottom: "data" top: "flat" }\n${fc("fc", "flat", "num_output: 2")}${softmax("fc")}`;
    const { text: converted, removals } = operate(text);
    expect(removals.map((layer) => layer.name)).toEqual(["flat"]);
    expect(converted).toContain("# flattened here\nlayer { name: \"fc-conv\" type: \"Convolution\" bottom: \"data\"");
  });

  test("global pooling gets the size it had in training", () => {
    const pool = 'layer { name: "gap" type: "Pooling" bottom: "data" top: "gap" pooling_param { pool: AVE global_pooling: true } }\n';
    expect(operate(image() + pool + fc("fc", "gap", "num_output: 2") + softmax("fc")).text).toContain("pooling_param { pool: AVE kernel_size: 8 }");
  });

  test("a net that ends in scores gets a Softmax, in its own format", () => {
    expect(operate(image() + fc("fc", "data", "num_output: 2")).text).toMatch(/layer \{\n\s+name: "prob"\n\s+type: "Softmax"\n\s+bottom: "fc-conv"\n\s+top: "prob"\n\}\n$/);
    const v1 = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { name: "fc" type: INNER_PRODUCT bottom: "data" top: "fc" inner_product_param { num_output: 2 } }\n';
    const { text } = operate(v1, { inputSize: [40, 50] });
    expect(text).toContain("input_dim: 1 input_dim: 3 input_dim: 40 input_dim: 50");
    expect(text).toContain('layers { name: "fc-conv" type: CONVOLUTION bottom: "data" top: "fc-conv" convolution_param { kernel_size: 8 num_output: 2 } }');
    expect(text).toMatch(/layers \{[^}]*type: SOFTMAX[^}]*\}\n$/);
    expect(operate(image() + fc("fc", "data", "num_output: 2"), { softmax: false }).softmax).toBeUndefined();
    expect(operate(image() + fc("fc", "data", "num_output: 1")).softmax).toBeUndefined();
  });

  test("V0 is converted as it stands", () => {
    const v0 = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { layer { name: "fc" type: "innerproduct" num_output: 2 } bottom: "data" top: "fc" }\n';
    expect(operate(v0).text).toContain('layers { layer { kernelsize: 8 name: "fc-conv" type: "conv" num_output: 2 } bottom: "data" top: "fc-conv" }');
  });

  test("CRLF stays", () => {
    const text = (image() + fc("fc", "data", "num_output: 2")).replaceAll("\n", "\r\n");
    expect(operate(text).text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test.each([
    ["axis not 1", image() + fc("fc", "data", "num_output: 2 axis: 2"), /only axis 1/],
    ["unknown shape", `layer { name: "d" type: "Data" top: "data" data_param { batch_size: 2 } }\n${fc("fc", "data", "num_output: 2")}`, /unknown/],
    ["no image", `layer { name: "d" type: "Input" top: "data" input_param { shape { dim: 2 dim: 5 } } }\n${fc("fc", "data", "num_output: 2")}`, /no rows and columns/],
    ["name taken", `${image()}layer { name: "fc-conv" type: "ReLU" bottom: "data" top: "r" }\n${fc("fc", "r", "num_output: 2")}`, /'fc-conv' exists already/],
    ["weights that cannot stay shared", image() + fc("a", "data", "num_output: 192", 'param { name: "w" }') + fc("b", "a", "num_output: 192", 'param { name: "w" }'), /shares its weights with a/],
    ["errors in the net", image() + fc("fc", "dta", "num_output: 2"), /no layer above makes 'dta'/],
  ])("refused: %s", (_, text, message) => {
    expect(refusals(text).join("\n")).toMatch(message);
  });

  test.skipIf(!hasReal)("gives the net that its author made by hand", () => {
    const plain = (message: Message): unknown => [...message.values].map(([name, values]) => [name, values.map(({ value }) => (value instanceof Message ? plain(value) : value))]).sort();
    const layers = (text: string): unknown => readNet(readDocument(text)).layers.map((layer) => plain(layer.message));
    const { text } = operate(realText("seed-author", "efficient", "deploy.prototxt"), { inputSize: [2032, 2032] });
    expect(layers(text)).toEqual(layers(realText("seed-author", "efficient", "deploy_full.prototxt")));
  });
});
