import { legacyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { plus } from "./onnx.ts";
import { differ, shapeText, volume, type Shape } from "./shape.ts";
import { counted } from "../text/words.ts";

const path = "norm_param";

/**
 * Normalize: divides by the Euclidean norm, `sqrt(sum x^2 + eps)`, of each item or of the channels at each position, then multiplies by a
 * learned scale for each channel, or one for all. Source: `normalize_layer.cpp` of SSD; Liu et al. 2015 (ParseNet).
 */
export const normalize: LayerType = {
  type: "Normalize",
  doc: "Scales each item, or the channels at each position, to length 1, then by what it has learned.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes,
  // A square and a product for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => 2 * volume(bottom!),
  reach: (layer) => ({ kind: layer.message.message(path).bool("across_spatial") ? "whole" : "pointwise" }),
  onnx: (emit, layer) => {
    const param = layer.message.message(path);
    const bottom = layer.bottoms[0]!;
    const value = emit.bottom(0);
    const axes = param.bool("across_spatial") ? bottom.map((_, axis) => axis).slice(1) : [1];
    const sum = emit.node("ReduceSum", [emit.node("Mul", [value, value]), emit.ints(axes)], { keepdims: 1 });
    const norm = emit.node("Sqrt", [plus(emit, sum, param.number("eps"))]);
    const { data } = emit.param(0);
    const scale = emit.floats(data, bottom.map((_, axis) => (axis === 1 ? data.length : 1)));
    emit.top(0, emit.node("Mul", [emit.node("Div", [value, norm]), scale]));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  const inline = inlineShapes(layer.message);
  const wanted: Shape = param.bool("channel_shared") ? [] : [bottom[1] ?? NaN];
  const result = { tops: [bottom], params: inline ?? [wanted] };
  const refusal =
    inlineRefusal(layer) ??
    rankRefusal(layer, bottom) ??
    legacyRefusal(layer, 0, bottom) ??
    (inline === undefined && param.has("scale_filler") ? fillerRefusal(layer, param.message("scale_filler"), wanted, `${path}.scale_filler`, "scale") : undefined) ??
    scaleRefusal(layer, wanted, inline?.[0]);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function rankRefusal(layer: ShapedLayer, bottom: Shape): Refusal | undefined {
  if (bottom.length >= 2) return undefined;
  return {
    refused: `${layer.name} needs batch and channels, but its input (${shapeText(bottom)}) has ${counted(bottom.length, "axis", "axes")}.`,
    at: "bottom.0",
    caffe: checkFailed("bottom[0]->num_axes() >= 2", bottom.length, 2, "Number of axes of bottom blob must be >=2."),
  };
}

function scaleRefusal(layer: ShapedLayer, wanted: Shape, given: Shape | undefined): Refusal | undefined {
  if (given === undefined || !differ(volume(given), volume(wanted))) return undefined;
  const check = `this->blobs_[0]->count() == ${wanted.length === 0 ? "1" : "channels"}`;
  return {
    refused: `${layer.name} needs ${counted(volume(wanted), "scale")}, but its text holds ${volume(given)}.`,
    at: "blobs.0",
    caffe: checkFailed(check, volume(given), volume(wanted), "Scale size is inconsistent with prototxt config"),
  };
}
