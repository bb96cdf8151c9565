import { legacyRefusal } from "./blob.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes, tooFewInline } from "./inline-blobs.ts";
import { scalar } from "./onnx.ts";
import { volume } from "./shape.ts";

const path = "bn_param";

/**
 * PSPNet's BN: normalises each channel by its stored mean and variance (TEST, or `frozen`) or by the batch's, then scales and shifts.
 * Four blobs: slope, bias, mean, variance. Source: `bn_layer.cpp` of PSPNet's Caffe.
 */
export const pspnetBn: LayerType = {
  type: "BN",
  doc: "Batch normalisation of PSPNet: channels normalised by stored statistics (TEST) or the batch's (TRAIN), then scaled and shifted.",
  dialects: ["pspnet"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  // With cuDNN the blobs have four axes, without two.
  paramsByCount: true,
  shapes,
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: (layer) => ({ kind: isFixed(layer) ? "pointwise" : "whole" }),
  onnx,
};

function isFixed(layer: ShapedLayer): boolean {
  return layer.phase === "TEST" || layer.message.message(path).bool("frozen");
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  const perChannel = [1, bottom[1] ?? 1, 1, 1];
  const inline = inlineShapes(layer.message);
  const result = { tops: [bottom], params: inline ?? [perChannel, perChannel, perChannel, perChannel] };
  const refusal =
    inlineRefusal(layer) ??
    legacyRefusal(layer, 0, bottom) ??
    (inline === undefined ? fillerRefusal(layer, param.message("slope_filler"), perChannel, `${path}.slope_filler`, "slope") : undefined) ??
    (inline === undefined ? fillerRefusal(layer, param.message("bias_filler"), perChannel, `${path}.bias_filler`, "bias") : undefined) ??
    tooFewInline(layer, inline, 4);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function onnx(emit: Emitter, layer: ShapedLayer): void {
  const bottom = layer.bottoms[0]!;
  const eps = layer.message.message(path).number("eps");
  const value = emit.bottom(0);
  const blob = (i: number, shape: readonly number[]): string => emit.floats(emit.param(i).data, shape);
  if (isFixed(layer)) {
    const inputs = [0, 1, 2, 3].map((i) => blob(i, [bottom[1]!]));
    emit.top(0, emit.node("BatchNormalization", [value, ...inputs], { epsilon: { float: eps } }));
    return;
  }
  const axes = bottom.map((_, i) => i).filter((i) => i !== 1);
  const along = bottom.map((dimension, i) => (i === 1 ? dimension : 1));
  const centred = emit.node("Sub", [value, emit.node("ReduceMean", [value], { axes, keepdims: 1 })]);
  const variance = emit.node("ReduceMean", [emit.node("Mul", [centred, centred])], { axes, keepdims: 1 });
  const normal = emit.node("Div", [centred, emit.node("Sqrt", [emit.node("Add", [variance, scalar(emit, eps)])])]);
  emit.top(0, emit.node("Add", [emit.node("Mul", [normal, blob(0, along)]), blob(1, along)]));
}
