import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { canonicalAxis, shapeText, volume } from "./shape.ts";

/**
 * InnerProduct: flattens the axes from `axis` on and multiplies by an N x K matrix (K x N with `transpose`), plus a bias.
 * Source: `inner_product_layer.cpp`.
 */
export const innerProduct: LayerType = {
  type: "InnerProduct",
  doc: "Fully connected layer: every output is a weighted sum of all inputs of one item.",
  params: ["inner_product_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  multiplyAdds: (layer, { params: [weights] }) => {
    const axis = canonicalAxis(layer.message.message("inner_product_param").number("axis"), layer.bottoms[0]!.length) ?? 0;
    return volume(layer.bottoms[0]!, 0, axis) * volume(weights ?? [NaN]);
  },
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const param = layer.message.message("inner_product_param");
    const bottom = layer.bottoms[0]!;
    const axis = canonicalAxis(param.number("axis"), bottom.length) ?? 0;
    const weights = emit.param(0);
    const rows = emit.reshape(emit.bottom(0), [volume(bottom, 0, axis), volume(bottom, axis)]);
    const inputs = [rows, emit.floats(weights.data, weights.shape)];
    if (param.bool("bias_term")) inputs.push(emit.floats(emit.param(1).data, emit.param(1).shape));
    emit.top(0, emit.reshape(emit.node("Gemm", inputs, { transB: param.bool("transpose") ? 0 : 1 }), top!));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = layer.message.message("inner_product_param");
  const bottom = layer.bottoms[0]!;
  const axis = canonicalAxis(param.number("axis"), bottom.length);
  if (axis === undefined) {
    return {
      refused: `${layer.name} flattens from axis ${param.number("axis")} on, but its input (${shapeText(bottom)}) has only ${bottom.length} axes.`,
      at: "inner_product_param.axis",
      caffe: `Check failed: axis_index < num_axes() (${param.number("axis")} vs. ${bottom.length})`,
    };
  }
  const outputs = param.number("num_output");
  const inputs = volume(bottom, axis);
  const shapes = {
    tops: [[...bottom.slice(0, axis), outputs]],
    params: [param.bool("transpose") ? [inputs, outputs] : [outputs, inputs], ...(param.bool("bias_term") ? [[outputs]] : [])],
  };
  if (outputs === 0) {
    return { refused: `${layer.name} needs num_output: how many values it gives.`, at: "inner_product_param.num_output", caffe: "Check failed: data_", shapes };
  }
  return shapes;
}
