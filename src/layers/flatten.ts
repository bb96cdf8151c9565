import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText, volume } from "./shape.ts";

/** Flatten: joins the axes from `axis` to `end_axis` into one. Source: `flatten_layer.cpp`. */
export const flatten: LayerType = {
  type: "Flatten",
  doc: "Joins axes into one: 32 x 6 x 6 becomes 1152.",
  params: ["flatten_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "refused",
  shapes,
  reach: (layer) => {
    const result = shapes(layer);
    const same = "tops" in result && result.tops[0]?.length === layer.bottoms[0]!.length;
    return { kind: same ? "pointwise" : "whole" };
  },
  onnx: (emit, _layer, { tops }) => {
    emit.top(0, emit.reshape(emit.bottom(0), tops[0]!));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("flatten_param");
  const start = axisOf(layer, param.number("axis"), bottom, "flatten_param.axis");
  if (typeof start !== "number") return start;
  const end = axisOf(layer, param.number("end_axis"), bottom, "flatten_param.end_axis");
  if (typeof end !== "number") return end;
  if (start > end + 1) {
    return {
      refused: `${layer.name} flattens from axis ${start} to axis ${end} of ${shapeText(bottom)}: the end lies before the start.`,
      at: "flatten_param.end_axis",
      caffe: checkFailed("start_axis <= end_axis", start, end + 1),
    };
  }
  return { tops: [[...bottom.slice(0, start), volume(bottom, start, end + 1), ...bottom.slice(end + 1)]], params: [] };
}
