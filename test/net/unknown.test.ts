import { describe, expect, test } from "vitest";
import { shapeText } from "../../src/layers/shape.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, type ShapeOptions } from "../../src/net/shapes.ts";

/** The shape of the first top of each layer, `?` for what is not known, and what is refused. */
function checkShapes(text: string, tops: readonly string[], errors: readonly string[] = [], options: ShapeOptions = {}): void {
  const shapes = inferShapes(readNet(readDocument(text)), options);
  const found = [...shapes.net.document.diagnostics, ...shapes.net.diagnostics, ...shapes.diagnostics].filter((d) => d.severity === "error");
  expect(shapes.layers.map(({ tops: [top] }) => shapeText(top))).toEqual(tops);
  expect(found.map((d) => `${d.code} ${d.layer ?? ""}`)).toEqual(errors);
}

const data = (param = "batch_size: 4", more = ""): string => `layer { name: "data" type: "Data" top: "data" top: "label" data_param { ${param} } ${more} }`;
const layer = (name: string, type: string, bottom: string, more = ""): string => `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${name}" ${more} }`;
const conv = (name: string, bottom: string, param: string): string => layer(name, "Convolution", bottom, `convolution_param { ${param} }`);
const fc = (name: string, bottom: string, n = 5): string => layer(name, "InnerProduct", bottom, `inner_product_param { num_output: ${n} }`);

describe("what is unknown stays unknown and refuses nothing", () => {
  test.each<[string, string, string[]]>([
    ["the image of a database", data() + conv("c", "data", "num_output: 8 kernel_size: 3") + layer("p", "Pooling", "c", "pooling_param { kernel_size: 2 stride: 2 }") + fc("f", "p"), ["4 x ? x ? x ?", "4 x 8 x ? x ?", "4 x 8 x ? x ?", "4 x 5"]],
    ["its crop is known", data("batch_size: 4", "transform_param { crop_size: 10 }") + conv("c", "data", "num_output: 8 kernel_size: 3") + fc("f", "c"), ["4 x ? x 10 x 10", "4 x 8 x 8 x 8", "4 x 5"]],
    ["groups of unknown channels", data() + conv("c", "data", "num_output: 8 kernel_size: 3 group: 4"), ["4 x ? x ? x ?", "4 x 8 x ? x ?"]],
    ["joins of unknown sizes", `${data()}${conv("a", "data", "num_output: 8 kernel_size: 3")}${conv("b", "data", "num_output: 4 kernel_size: 5")}layer { name: "j" type: "Concat" bottom: "a" bottom: "b" top: "j" }`, ["4 x ? x ? x ?", "4 x 8 x ? x ?", "4 x 4 x ? x ?", "4 x 12 x ? x ?"]],
    ["flattened", data() + layer("f", "Flatten", "data") + layer("r", "Reshape", "f", "reshape_param { shape { dim: 0 dim: 3 dim: -1 } }"), ["4 x ? x ? x ?", "4 x ?", "4 x 3 x ?"]],
    ["a layer of the user's own", `${data("batch_size: 4", "transform_param { crop_size: 10 mean_value: [1, 2, 3] }")}${layer("m", "Mine", "data")}${conv("c", "m", "num_output: 8 kernel_size: 3")}${fc("f", "c")}`, ["4 x 3 x 10 x 10", "?", "?", "?"]],
  ])("%s", (_, text, tops) => {
    checkShapes(text, tops);
  });

  test("what is surely wrong is refused all the same", () => {
    checkShapes(data() + conv("c", "data", "num_output: 8 kernel_size: 3 group: 3"), ["4 x ? x ? x ?", "4 x 8 x ? x ?"], ["layer-refused c"]);
    checkShapes(data() + conv("c", "data", "num_output: 8") + fc("f", "c"), ["4 x ? x ? x ?", "4 x 8 x ? x ?", "4 x 5"], ["layer-refused c"]);
  });
});

const image = (dims: string): string => `layer { name: "data" type: "Input" top: "data" input_param { shape { ${dims} } } }`;

describe("a layer that is refused does not spoil the others", () => {
  test.each<[string, string, string[], string[]]>([
    ["a kernel larger than its image", image("dim: [1, 3, 4, 4]") + conv("c", "data", "num_output: 2 kernel_size: 9") + fc("f", "c"), ["1 x 3 x 4 x 4", "1 x 2 x ? x ?", "1 x 5"], ["layer-refused c"]],
    ["a bottom that nothing makes", image("dim: [1, 3, 4, 4]") + conv("c", "dta", "num_output: 2 kernel_size: 1") + fc("f", "data"), ["1 x 3 x 4 x 4", "?", "1 x 5"], ["unknown-bottom c"]],
    ["sums of what differs", `${image("dim: [1, 3, 4, 4]")}${conv("a", "data", "num_output: 2 kernel_size: 1")}layer { name: "s" type: "Eltwise" bottom: "a" bottom: "data" top: "s" }${fc("f", "s")}`, ["1 x 3 x 4 x 4", "1 x 2 x 4 x 4", "1 x 2 x 4 x 4", "1 x 5"], ["layer-refused s"]],
  ])("%s", (_, text, tops, errors) => {
    checkShapes(text, tops, errors);
  });
});

describe("shapes from the caller", () => {
  test("an input's own, by its blob", () => {
    const inputs = new Map([["data", [1, 3, 100, 90]]]);
    checkShapes(image("dim: [1, 3, 4, 4]") + conv("c", "data", "num_output: 2 kernel_size: 3"), ["1 x 3 x 100 x 90", "1 x 2 x 98 x 88"], [], { inputs });
    checkShapes(data() + conv("c", "data", "num_output: 2 kernel_size: 3"), ["1 x 3 x 100 x 90", "1 x 2 x 98 x 88"], [], { inputs });
  });
  test("the shapes of the user's own layers", () => {
    const text = image("dim: [1, 3, 8, 8]") + layer("m", "Mine", "data") + layer("o", "Other", "m", "convolution_param { num_output: 2 kernel_size: 3 }") + fc("f", "o");
    checkShapes(text, ["1 x 3 x 8 x 8", "1 x 4 x 6 x 6", "1 x 2 x 4 x 4", "1 x 5"], [], { custom: { Mine: { tops: [[1, 4, 6, 6]] }, Other: { like: "Convolution" } } });
  });
});
