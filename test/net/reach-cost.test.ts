import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { netCost } from "../../src/net/cost.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { outputField, receptiveFields } from "../../src/net/reach.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";

function shapesOf(text: string): NetShapes {
  const shapes = inferShapes(readNet(readDocument(text)));
  expect([...shapes.net.document.diagnostics, ...shapes.net.diagnostics, ...shapes.diagnostics]).toEqual([]);
  return shapes;
}

describe("the sample classifier, worked out by hand", () => {
  const shapes = shapesOf(readFileSync(join(import.meta.dirname, "../../samples/nuclei32/deploy.prototxt"), "utf8"));
  const named = <T>(values: readonly T[]): Record<string, T> => Object.fromEntries(shapes.net.layers.map((layer, i) => [layer.name, values[i]!]));

  test("parameters and multiply-adds", () => {
    const { layers, total } = netCost(shapes);
    const costs = named(layers);
    // outputs x (inputs x kernel) weights + outputs biases; each weight is used once per output position: 30 x 30, then 12 x 12.
    expect(costs["conv1"]).toMatchObject({ parameters: 32 * 3 * 9 + 32, multiplyAdds: 32 * 27 * 900 });
    expect(costs["conv2"]).toMatchObject({ parameters: 32 * 32 * 9 + 32, multiplyAdds: 32 * 288 * 144 });
    expect(costs["fc6"]).toMatchObject({ parameters: 64 * 1152 + 64, multiplyAdds: 64 * 1152 });
    expect(costs["relu6"]).toEqual({ parameters: 0, multiplyAdds: 0, activationBytes: 0 });
    expect(total.parameters).toBe(88_226);
    expect(total.multiplyAdds).toBe(777_600 + 1_327_104 + 73_728 + 4_096 + 128);
    // data, conv1, norm1, pool1, conv2, norm2, pool2, fc6, fc7, fc8, prob; what works in place costs nothing.
    expect(total.activationBytes).toBe(4 * (3_072 + 2 * 28_800 + 6_272 + 2 * 4_608 + 1_152 + 64 + 64 + 2 + 2));
  });

  test("receptive fields", () => {
    const fields = named(receptiveFields(shapes).map(([field]) => field));
    const square = (size: number, stride: number): unknown => ({ size: [size, size], stride: [stride, stride], offset: [0, 0] });
    expect(fields["data"]).toBeUndefined();
    expect([fields["conv1"], fields["norm1"], fields["pool1"], fields["conv2"], fields["pool2"], fields["fc6"], fields["prob"]]).toEqual([
      square(3, 1), square(3, 1), square(6, 2), square(10, 2), square(12, 4), square(32, 4), square(32, 4),
    ]);
    expect(outputField(shapes)).toEqual(square(32, 4));
  });
});

const image = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 20 dim: 24 } } }';
const conv = (name: string, bottom: string, param: string, more = ""): string => `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" ${more} convolution_param { num_output: 2 ${param} } }`;

describe("receptive fields of other nets", () => {
  test.each<[string, string, readonly number[], readonly number[], readonly number[]]>([
    ["dilation, padding, no squares", conv("a", "data", "kernel_h: 3 kernel_w: 5 stride_h: 1 stride_w: 2 pad_h: 1 pad_w: 3 dilation: 2"), [5, 9], [1, 2], [-1, -3]],
    ["two in a row", conv("a", "data", "kernel_size: 3 stride: 2 pad: 1") + conv("b", "a", "kernel_size: 3 stride: 3 pad: 2"), [7, 7], [6, 6], [-5, -5]],
    ["branches that meet", `${conv("a", "data", "kernel_size: 5 pad: 2")}${conv("b", "data", "kernel_h: 1 kernel_w: 9 pad_h: 0 pad_w: 4")}layer { name: "s" type: "Eltwise" bottom: "a" bottom: "b" top: "s" }`, [5, 9], [1, 1], [-2, -4]],
    ["an upsampling", `${conv("a", "data", "kernel_size: 2 stride: 2")}layer { name: "u" type: "Deconvolution" bottom: "a" top: "u" convolution_param { num_output: 2 kernel_size: 4 stride: 2 } }`, [4, 4], [1, 1], [0, 0]],
    ["all of it", 'layer { name: "g" type: "Pooling" bottom: "data" top: "g" pooling_param { pool: AVE global_pooling: true } }', [20, 24], [1, 1], [0, 0]],
    ["only the image side counts", `${conv("a", "data", "kernel_size: 3")}layer { name: "f" type: "InnerProduct" bottom: "a" top: "f" inner_product_param { num_output: 3 } }layer { name: "d" type: "Input" top: "d" input_param { shape { dim: 1 dim: 3 } } }layer { name: "s" type: "Eltwise" bottom: "f" bottom: "d" top: "s" }`, [20, 24], [1, 1], [0, 0]],
  ])("%s", (_, layers, size, stride, offset) => {
    expect(outputField(shapesOf(image + layers))).toEqual({ size, stride, offset });
  });
});

describe("costs of other nets", () => {
  test("shared weights are counted at their owner", () => {
    const share = 'param { name: "w" } param { name: "b" }';
    const { layers, total } = netCost(shapesOf(image + conv("a", "data", "kernel_size: 3 pad: 1", share) + conv("b", "a", "kernel_size: 3 pad: 1", share)));
    expect(layers.map(({ parameters }) => parameters)).toEqual([0, 2 * 2 * 9 + 2, 0]);
    expect(total).toMatchObject({ parameters: 38, multiplyAdds: 2 * (36 * 480) });
  });
  test("groups, batches, no bias", () => {
    const two = image.replace("dim: 1", "dim: 7");
    const { layers } = netCost(shapesOf(two + conv("a", "data", "kernel_size: 3 group: 2 bias_term: false")));
    expect(layers[1]).toEqual({ parameters: 2 * 9, multiplyAdds: 7 * 2 * 9 * 18 * 22, activationBytes: 4 * 7 * 2 * 18 * 22 });
  });
  test("what is not known is NaN, and left out of the sum", () => {
    const data = 'layer { name: "data" type: "Data" top: "data" data_param { batch_size: 1 } }';
    const { layers, total } = netCost(shapesOf(data + conv("a", "data", "kernel_size: 3")));
    expect(layers.map(({ parameters, multiplyAdds }) => [parameters, multiplyAdds])).toEqual([[0, 0], [NaN, NaN]]);
    expect(total).toEqual({ parameters: 0, multiplyAdds: 0, activationBytes: 0 });
  });
});
