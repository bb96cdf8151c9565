import { rectified } from "./fused-relu.ts";
import { inlineRefusal, inlineShapes, tooFewInline } from "./inline-blobs.ts";
import { fillerRefusal } from "./fillers.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { axisFailed, axisOf, checkFailed } from "./caffe-text.ts";
import { emptyRefusal } from "./blob.ts";
import { canonicalAxis, differ, volume, type Shape } from "./shape.ts";

const path = "inner_product_param";

/**
 * InnerProduct: flattens the axes from `axis` on and multiplies by an N x K matrix (K x N with `transpose`), plus a bias.
 * Source: `inner_product_layer.cpp`.
 */
export const innerProduct: LayerType = {
  type: "InnerProduct",
  doc: "Fully connected layer: every output is a weighted sum of all inputs of one item.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  multiplyAdds: ({ bottoms: [bottom], message }) => volume(bottom!) * message.message(path).number("num_output"),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const param = layer.message.message(path);
    const bottom = layer.bottoms[0]!;
    const axis = canonicalAxis(param.number("axis"), bottom.length) ?? 0;
    const [rows, inputs, outputs] = [volume(bottom, 0, axis), volume(bottom, axis), param.number("num_output")];
    const transpose = param.bool("transpose");
    // Weights in the text may have other axes: Caffe looks at their values alone.
    const weights = emit.floats(emit.param(0).data, transpose ? [inputs, outputs] : [outputs, inputs]);
    const bias = param.bool("bias_term") ? [emit.floats(emit.param(1).data, [outputs])] : [];
    const values = emit.reshape(emit.bottom(0), [rows, inputs]);
    const product = emit.node("Gemm", [values, weights, ...bias], { transB: transpose ? 0 : 1 });
    emit.top(0, rectified(emit, emit.reshape(product, top!), param));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = layer.message.message(path);
  const bottom = layer.bottoms[0]!;
  const axis = axisOf(layer, param.number("axis"), bottom, param.has("axis") ? `${path}.axis` : "bottom.0", "flattens from");
  if (typeof axis !== "number") return axis;
  const outputs = param.number("num_output");
  const inputs = volume(bottom, axis);
  const top = [...bottom.slice(0, axis), outputs];
  const weights = param.bool("transpose") ? [inputs, outputs] : [outputs, inputs];
  const hasBias = param.bool("bias_term");
  const inline = inlineShapes(layer.message);
  const shapes = { tops: [top], params: inline ?? [weights, ...(hasBias ? [[outputs]] : [])] };
  const refusal =
    inlineRefusal(layer) ??
    (inline === undefined ? weightRefusal(layer, weights, hasBias) : undefined) ??
    (hasBias && volume(bottom, 0, axis) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined) ??
    tooFewInline(layer, inline, hasBias ? 2 : 1) ??
    inPlaceRefusal(layer, bottom, axis, top);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

/** Without num_output the weights have no values, which is all that Caffe says of it. */
function weightRefusal(layer: ShapedLayer, weights: Shape, hasBias: boolean): Refusal | undefined {
  const param = layer.message.message(path);
  const outputs = param.number("num_output");
  const refusal =
    fillerRefusal(layer, param.message("weight_filler"), weights, `${path}.weight_filler`, "weights") ??
    (hasBias ? fillerRefusal(layer, param.message("bias_filler"), [outputs], `${path}.bias_filler`, "bias") : undefined);
  if (refusal === undefined || outputs > 0) return refusal;
  return { ...refusal, refused: `${layer.name} needs num_output: how many values it gives.`, at: `${path}.num_output` };
}

/** In place, Caffe finds the top where the bottom was when it shapes the layer again before it runs it. */
function inPlaceRefusal(layer: ShapedLayer, bottom: Shape, axis: number, top: Shape): Refusal | undefined {
  if (layer.topNames[0] !== layer.bottomNames[0]) return undefined;
  const given = layer.message.message(path).number("axis");
  const second = canonicalAxis(given, top.length);
  const [inputs, outputs] = [volume(bottom, axis), volume(top, second)];
  if (second !== undefined && !differ(inputs, outputs)) return undefined;
  return {
    refused:
      `${layer.name} works in place, but makes ${outputs} values of ${inputs}: Caffe stops as it runs the layer. ` +
      "Give its top a name of its own.",
    at: "top.0",
    caffe:
      second === undefined
        ? axisFailed(given, top)
        : checkFailed("K_ == new_K", inputs, outputs, "Input size incompatible with inner product parameters."),
    when: "run",
  };
}
