import { emptyRefusal } from "./blob.ts";
import { axisOf } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { secondRefusal } from "./in-place.ts";
import { sumAlong, times } from "./onnx.ts";
import { volume } from "./shape.ts";

/**
 * Reduction: the sum, sum of absolute values, sum of squares or mean over all axes from `axis` on, times `coeff`. Source:
 * `reduction_layer.cpp`.
 */
export const reduction: LayerType = {
  type: "Reduction",
  doc: "Sums up or averages over the last axes, which go.",
  params: ["reduction_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes: reductionShapes,
  // One addition (or multiply-add) for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const param = layer.message.message("reduction_param");
    const operation = param.text("operation");
    const size = volume(layer.bottoms[0]!, top!.length);
    const rows = emit.reshape(emit.bottom(0), [volume(top!), size]);
    const values = operation === "ASUM" ? emit.node("Abs", [rows]) : operation === "SUMSQ" ? emit.node("Mul", [rows, rows]) : rows;
    const factor = param.number("coeff") / (operation === "MEAN" ? size : 1);
    emit.top(0, emit.reshape(times(emit, sumAlong(emit, values, 1), factor), top!));
  },
};

function reductionShapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("reduction_param");
  const axis = axisOf(layer, param.number("axis"), bottom, "reduction_param.axis");
  if (typeof axis !== "number") return axis;
  const shapes = { tops: [bottom.slice(0, axis)], params: [] };
  const needsOnes = ["SUM", "MEAN"].includes(param.text("operation"));
  const refusal = needsOnes && volume(bottom, axis) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : secondRefusal(
    layer,
    bottom.slice(0, axis),
    reductionShapes,
  );
  return refusal === undefined ? shapes : { ...refusal, shapes };
}
