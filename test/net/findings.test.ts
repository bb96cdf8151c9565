import { describe, expect, test } from "vitest";
import { lint } from "../../src/lint/lint.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";

/** The errors of a text as `code at "text"`, and what Caffe says. */
function checkErrors(text: string, expected: readonly (readonly [code: string, at: string, caffe?: string])[]): void {
  const errors = lint(readNet(readDocument(text, { dialect: "bvlc" })), { pixelwise: "off" }).filter((d) => d.severity === "error");
  expect(errors.map((d) => [d.code, text.slice(d.start, d.end)])).toEqual(expected.map(([code, at]) => [code, at]));
  errors.forEach((d, i) => { if (expected[i]![2] !== undefined) expect(d.caffe).toBe(expected[i]![2]); });
}

const image = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 4 dim: 8 dim: 8 } } }\n';
const layer = (name: string, type: string, bottom: string, more: string): string => `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${name}" ${more} }\n`;

describe("one cause, one finding", () => {
  test.each<[string, string, [string, string][]]>([
    ["a kernel size that is no whole number is not missing", image + layer("p", "Pooling", "data", "pooling_param { kernel_size: 2.5 }"), [["wrong-type", "2.5"]]],
    ["nor is one whose name has a typo", image + layer("c", "Convolution", "data", "convolution_param { num_output: 2 kernal_size: 3 }"), [["unknown-field", "kernal_size"]]],
    ["a type without quotes is a type", `${image}layer { name: "c" type: ReLU bottom: "data" top: "c" }`, [["wrong-type", "ReLU"]]],
    ["what is given twice has a value", image + layer("p", "Pooling", "data", "pooling_param { kernel_size: 20 pad: 0 kernel_size: 10 stride: 3 round_mode: FLOOR }"), [["layer-refused", "20"], ["repeated-field", "kernel_size: 10"]]],
    ["a surplus loss_weight", `${image}${layer("label", "Input", "data", "").replace('bottom: "data"', "input_param { shape { dim: 1 dim: 8 dim: 8 } }")}layer { name: "l" type: "SoftmaxWithLoss" bottom: "data" bottom: "label" top: "l" loss_weight: 1 loss_weight: 0 }`, [["loss-weight-count", "0"]]],
  ])("%s", (_, text, expected) => { checkErrors(text, expected); });
});

describe("shared params have one rate", () => {
  const fc = (name: string, bottom: string, spec: string): string => layer(name, "InnerProduct", bottom, `param { name: "w" ${spec} } inner_product_param { num_output: 4 axis: -1 }`);
  const start = image + layer("flat", "InnerProduct", "data", "inner_product_param { num_output: 4 }");
  const text = (field: string, rates: string, given: string): string => `Check failed: param_spec->${field}() == ${rates}[learnable_param_id] (${given}) Shared param 'w' has mismatched ${field}.`;
  test.each<[string, string, readonly [string, string, string?][]]>([
    ["that of its owner", fc("a", "flat", "lr_mult: 1") + fc("b", "a", "lr_mult: 2"), [["shared-param", "2", text("lr_mult", "params_lr_", "2 vs. 1")]]],
    ["which the others need not repeat", fc("a", "flat", "decay_mult: 0") + fc("b", "a", "") + fc("c", "b", "decay_mult: 0"), []],
    ["or of the first who gives one", fc("a", "flat", "") + fc("b", "a", "decay_mult: 2") + fc("c", "b", "decay_mult: 3"), [["shared-param", "3", text("decay_mult", "params_weight_decay_", "3 vs. 2")]]],
  ])("%s", (_, layers, expected) => { checkErrors(start + layers, expected); });
});
