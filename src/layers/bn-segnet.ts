import { legacyRefusal } from "./blob.ts";
import { legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes, tooFewInline } from "./inline-blobs.ts";
import { scalar } from "./onnx.ts";
import { volume } from "./shape.ts";

const path = "bn_param";
const EPSILON = 1e-9;

/**
 * SegNet's BN: with `bn_mode: LEARN` normalises each channel by the batch's own mean and variance (extra tops give these out);
 * with INFERENCE only scales and shifts, the statistics folded into both. Source: `bn_layer.cpp` of SegNet.
 */
export const segnetBn: LayerType = {
  type: "BN",
  doc: "Batch normalisation of SegNet: scale and shift, in LEARN mode of channels normalised by the batch's mean and variance.",
  dialects: ["segnet"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: (layer) => ({ min: 1, max: learns(layer) ? 3 : 1 }),
  shapes,
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: (layer) => ({ kind: learns(layer) ? "whole" : "pointwise" }),
  onnx,
};

function learns(layer: Pick<ShapedLayer, "message">): boolean {
  return layer.message.message(path).text("bn_mode") !== "INFERENCE";
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  const whole = legacyShape(bottom);
  const perChannel = [1, whole[1], 1, 1];
  const inline = inlineShapes(layer.message);
  const result = { tops: layer.topNames.map((_, i) => (i === 0 ? [...whole] : perChannel)), params: inline ?? [perChannel, perChannel] };
  const refusal =
    inlineRefusal(layer) ??
    legacyRefusal(layer, 0, bottom) ??
    (inline === undefined ? fillerRefusal(layer, param.message("scale_filler"), perChannel, `${path}.scale_filler`, "scale") : undefined) ??
    (inline === undefined ? fillerRefusal(layer, param.message("shift_filler"), perChannel, `${path}.shift_filler`, "shift") : undefined) ??
    tooFewInline(layer, inline, 2);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function onnx(emit: Emitter, layer: ShapedLayer, { tops }: LayerShapes): void {
  const channels = tops[0]![1]!;
  const perChannel = [1, channels, 1, 1];
  const along = (i: number): string => emit.floats(emit.param(i).data, perChannel);
  const value = layer.bottoms[0]!.length === 4 ? emit.bottom(0) : emit.reshape(emit.bottom(0), tops[0]!);
  const scaled = (of: string): string => emit.node("Add", [emit.node("Mul", [of, along(0)]), along(1)]);
  if (!learns(layer)) {
    emit.top(0, scaled(value));
    return;
  }
  const mean = emit.node("ReduceMean", [value], { axes: [0, 2, 3], keepdims: 1 });
  const centred = emit.node("Sub", [value, mean]);
  const variance = emit.node("ReduceMean", [emit.node("Mul", [centred, centred])], { axes: [0, 2, 3], keepdims: 1 });
  emit.top(0, scaled(emit.node("Div", [centred, emit.node("Sqrt", [emit.node("Add", [variance, scalar(emit, EPSILON)])])])));
  if (tops.length > 1) emit.top(1, mean);
  if (tops.length > 2) emit.top(2, variance);
}
