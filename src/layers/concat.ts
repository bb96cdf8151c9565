import { bottomText, emptyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { jointAxis } from "./joint-axis.ts";
import { reachAlong } from "./reach.ts";
import { differ, volume, type Shape } from "./shape.ts";

/** Concat: joins blobs along an axis, all other dimensions equal. Source: `concat_layer.cpp`. */
export const concat: LayerType = {
  type: "Concat",
  doc: "Joins blobs along an axis (the channels).",
  params: ["concat_param"],
  bottoms: { min: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  reach: (layer) => {
    const axis = jointAxis(layer, "concat");
    return layer.bottoms.length === 1 ? { kind: "pointwise" } : reachAlong(layer, typeof axis === "number" ? axis : undefined);
  },
  onnx: (emit, layer) => {
    const values = layer.bottoms.map((_, i) => emit.bottom(i));
    emit.top(0, values.length === 1 ? values[0]! : emit.node("Concat", values, { axis: jointAxis(layer, "concat") as number }));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [first, ...others] = layer.bottoms as [Shape, ...Shape[]];
  const axis = jointAxis(layer, "concat");
  if (typeof axis !== "number") return { ...axis, shapes: { tops: [first.map(() => NaN)], params: [] } };
  const top = first.map((dimension, i) => (i === axis ? others.reduce((sum, shape) => sum + (shape[axis] ?? 0), dimension) : dimension));
  const shapes = { tops: [top], params: [] };
  for (const [i, shape] of others.entries()) {
    const refusal = mismatch(layer, axis, i + 1, shape);
    if (refusal !== undefined) return { ...refusal, shapes };
  }
  if (others.length === 0 && volume(first) === 0) return { ...emptyRefusal(layer, "bottom.0", first), shapes };
  return shapes;
}

function mismatch(layer: ShapedLayer, axis: number, i: number, shape: Shape): Refusal | undefined {
  const first = layer.bottoms[0]!;
  const pair = `${bottomText(layer, 0)} and ${bottomText(layer, i)}`;
  if (first.length !== shape.length) {
    const caffe = checkFailed("num_axes == bottom[i]->num_axes()", first.length, shape.length, "All inputs must have the same #axes.");
    return { refused: `${layer.name} joins ${pair}: they need the same number of axes.`, at: `bottom.${i}`, caffe };
  }
  const other = first.findIndex((dimension, j) => j !== axis && differ(dimension, shape[j]));
  if (other < 0) return undefined;
  const caffe = checkFailed(
    "top_shape[j] == bottom[i]->shape(j)",
    first[other]!,
    shape[other]!,
    "All inputs must have the same shape, except at concat_axis.",
  );
  return {
    refused: `${layer.name} joins ${pair} along axis ${axis}: all other dimensions must be equal, but axis ${other} is not.`,
    at: `bottom.${i}`,
    caffe,
  };
}
