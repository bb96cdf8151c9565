import { emptyRefusal, legacyRefusal } from "./blob.ts";
import { legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { plus } from "./onnx.ts";
import { volume } from "./shape.ts";

const path = "mvn_param";

/** MVN: subtracts the mean of each image (of each channel, or across them) and divides by the deviation. Source: `mvn_layer.cpp`. */
export const mvn: LayerType = {
  type: "MVN",
  doc: "Subtracts the mean of each channel of each image, and divides by the standard deviation.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes,
  // Sum, difference, square, sum of squares, quotient.
  multiplyAdds: (layer) => volume(layer.bottoms[0]!) * (layer.message.message(path).bool("normalize_variance") ? 5 : 2),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const param = layer.message.message(path);
    const axes = param.bool("across_channels") ? [1, 2, 3] : [2, 3];
    const value = emit.reshape(emit.bottom(0), top!);
    const centred = emit.node("Sub", [value, emit.node("ReduceMean", [value], { axes, keepdims: 1 })]);
    if (!param.bool("normalize_variance")) { emit.top(0, centred); return; }
    const variance = emit.node("ReduceMean", [emit.node("Mul", [centred, centred])], { axes, keepdims: 1 });
    const deviation = plus(emit, emit.node("Sqrt", [variance]), param.number("eps"));
    emit.top(0, emit.node("Div", [centred, deviation]));
  },
};

/** Blobs of fewer than four axes come out with four. */
function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const refusal = legacyRefusal(layer, 0, bottom);
  if (refusal !== undefined) return refusal;
  const top = legacyShape(bottom);
  const result = { tops: [[...top]], params: [] };
  // Caffe keeps ones to sum up with: none where a group has no values.
  const group = layer.message.message(path).bool("across_channels") ? volume(top, 1) : volume(top, 2);
  return group === 0 ? { ...emptyRefusal(layer, "bottom.0", bottom), shapes: result } : result;
}
