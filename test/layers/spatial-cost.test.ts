import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/layers/definition.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, shapedLayer } from "../../src/net/shapes.ts";
import { netText, type LayerText } from "./check-layer.ts";

function underTest(text: LayerText) {
  const shapes = inferShapes(readNet(readDocument(netText(text))));
  const layer = shapes.net.layers.at(-1)!;
  return { definition: layer.definition!, shaped: shapedLayer(shapes, layer)!, shapes: shapes.layers.at(-1)! };
}

const image = { a: [1, 3, 227, 227] };
const small = { a: [2, 4, 6, 6] };

type Row = readonly [type: string, fields: string, bottoms: NonNullable<LayerText["bottoms"]>, multiplyAdds: number, reach: unknown, tops?: readonly string[]];

const window = (kernel: number, stride: number, pad: number, dilation = 1): unknown => ({ kind: "window", kernel: [kernel, kernel], stride: [stride, stride], pad: [pad, pad], dilation: [dilation, dilation] });

const rows: readonly Row[] = [
  // AlexNet's first layer: 96 x 55 x 55 x 3 x 11 x 11.
  ["Convolution", "convolution_param { num_output: 96 kernel_size: 11 stride: 4 }", image, 105_415_200, window(11, 4, 0)],
  // AlexNet's second layer works in two groups.
  ["Convolution", "convolution_param { num_output: 256 kernel_size: 5 pad: 2 group: 2 }", { a: [1, 96, 27, 27] }, 223_948_800, window(5, 1, 2)],
  ["Convolution", "convolution_param { num_output: 1 kernel_size: 3 dilation: 2 }", small, 2 * 2 * 2 * 9 * 4, window(3, 1, 0, 2)],
  ["Convolution", "convolution_param { num_output: 1 kernel_size: 2 axis: 2 }", small, 2 * 4 * 5 * 6 * 2, { kind: "whole" }],
  ["Convolution", "convolution_param { num_output: 5 kernel_size: 1 }", { a: [1, 2, 3, 3], b: [1, 2, 3, 3] }, 2 * 9 * 5 * 2, window(1, 1, 0), ["p", "q"]],
  ["Deconvolution", "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 4 }", small, 2 * 4 * 36 * 16, { kind: "upsample", kernel: [4, 4], stride: [2, 2], pad: [1, 1] }],
  ["Im2col", "convolution_param { kernel_size: 2 }", small, 2 * 16 * 25, window(2, 1, 0)],
  ["Pooling", "pooling_param { kernel_size: 3 stride: 2 }", small, 2 * 4 * 9 * 9, window(3, 2, 0)],
  ["Pooling", "pooling_param { global_pooling: true }", small, 2 * 4 * 36, { kind: "whole" }],
  ["LRN", "lrn_param { local_size: 5 }", small, 288 * 5, { kind: "pointwise" }],
  ["LRN", "lrn_param { local_size: 3 norm_region: WITHIN_CHANNEL }", small, 288 * 9, window(3, 1, 1)],
  ["InnerProduct", "inner_product_param { num_output: 10 }", small, 288 * 10, { kind: "whole" }],
  ["InnerProduct", "inner_product_param { num_output: 10 axis: -1 transpose: true }", small, 288 * 10, { kind: "whole" }],
  ["BatchNorm", "", small, 288, { kind: "pointwise" }],
  ["BatchNorm", "batch_norm_param { use_global_stats: false }", small, 288, { kind: "whole" }],
  ["Scale", "scale_param { bias_term: true }", small, 288, undefined],
  ["Crop", "crop_param { offset: 1 offset: 2 }", { a: [1, 1, 6, 6], b: [1, 1, 3, 3] }, 0, { kind: "window", kernel: [1, 1], stride: [1, 1], pad: [-1, -2], dilation: [1, 1] }],
  // Per step: 4 gates x 3 outputs x (2 inputs + 3 states), and the bias free of charge.
  ["LSTM", "recurrent_param { num_output: 3 }", { a: [5, 2, 2], m: [5, 2] }, 5 * 2 * 12 * 5, { kind: "whole" }],
  ["RNN", "recurrent_param { num_output: 3 }", { a: [5, 2, 2], m: [5, 2], s: [2, 7] }, 2 * (3 * 7 + 5 * (3 * 2 + 9 + 9)), { kind: "whole" }],
];

describe("what spatial and learned layers cost, and what they look at", () => {
  test.each(rows.map((row, i) => [row[0], row[1], i] as const))("%s %s", (_, __, i) => {
    const [type, fields, bottoms, multiplyAdds, reach, tops] = rows[i]!;
    const { definition, shaped, shapes } = underTest({ type, fields, bottoms, ...(tops !== undefined && { tops }) });
    expect(definition.multiplyAdds?.(shaped, shapes) ?? 0).toBe(multiplyAdds);
    expect(definition.reach?.(shaped)).toEqual(reach);
  });
});

test("nothing is refused for a dimension that is not known", () => {
  for (const [type, fields, bottoms, , , tops] of rows) {
    const { definition, shaped } = underTest({ type, fields, bottoms, ...(tops !== undefined && { tops }) });
    const places = shaped.bottoms.flatMap((shape, b) => shape.map((_, axis) => [b, axis] as const));
    for (const hidden of [...places.map((place) => [place]), places]) {
      const unknown = shaped.bottoms.map((shape, b) => shape.map((dimension, axis) => (hidden.some(([i, j]) => i === b && j === axis) ? NaN : dimension)));
      const result = definition.shapes({ ...shaped, bottoms: unknown });
      expect(isRefusal(result) ? `${type} ${fields} ${JSON.stringify(unknown)}: ${result.refused}` : "").toBe("");
      expect(isRefusal(result) || result.tops.every((shape) => shape !== undefined)).toBe(true);
    }
  }
});
