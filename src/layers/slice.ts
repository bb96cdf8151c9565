import { emptyRefusal } from "./blob.ts";
import { checkFailed, shapeString } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";
import { jointAxis } from "./joint-axis.ts";
import { reachAlong } from "./reach.ts";
import { indivisible, shapeText, volume, type Shape } from "./shape.ts";

/** Slice: cuts a blob along an axis, evenly or at `slice_point`. Source: `slice_layer.cpp`. */
export const slice: LayerType = {
  type: "Slice",
  doc: "Cuts a blob into several along an axis (the channels).",
  params: ["slice_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1 },
  shapes,
  reach: (layer) => {
    const axis = jointAxis(layer, "slice");
    return layer.topNames.length === 1 ? { kind: "pointwise" } : reachAlong(layer, typeof axis === "number" ? axis : undefined);
  },
  onnx: (emit, layer, { tops }) => {
    const axis = jointAxis(layer, "slice") as number;
    const sizes = emit.ints(tops.map((top) => top![axis]!));
    const parts = tops.length === 1 ? [emit.bottom(0)] : emit.nodes("Split", [emit.bottom(0), sizes], tops.length, { axis });
    parts.forEach((part, i) => {
      emit.top(i, part);
    });
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const axis = jointAxis(layer, "slice");
  const tops = layer.topNames.length;
  if (typeof axis !== "number") return { ...axis, shapes: { tops: layer.topNames.map(() => bottom.map(() => NaN)), params: [] } };
  const points = layer.message.message("slice_param").numbers("slice_point");
  const even = layer.topNames.map(() => bottom[axis]! / tops);
  const sizes = points.length === 0 ? even : [...points, bottom[axis]!].map((end, i) => end - (points[i - 1] ?? 0));
  const wrong = points.length > 0 ? pointsRefusal(layer, axis, points) : evenRefusal(layer, axis);
  const fitting = (size = NaN): number => (size >= 0 && Number.isInteger(size) ? size : NaN);
  const part = (top: number): Shape => bottom.map((dimension, i) => (i === axis ? fitting(sizes[top]) : dimension));
  const shapes = { tops: layer.topNames.map((_, top) => part(top)), params: [] };
  const refusal = wrong ?? inPlaceRefusal(layer, shapes.tops[0]!) ?? emptyTops(layer, axis, shapes.tops);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function pointsRefusal(layer: ShapedLayer, axis: number, points: readonly number[]): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  const tops = layer.topNames.length;
  if (points.length !== tops - 1) {
    const caffe = checkFailed("slice_point_.size() == top.size() - 1", points.length, tops - 1);
    return {
      refused: `${layer.name} makes ${counted(tops, "top")}, which takes ${counted(tops - 1, "slice_point")}; it has ${points.length}.`,
      at: "slice_param.slice_point",
      caffe,
    };
  }
  if (tops > bottom[axis]!) {
    const caffe = checkFailed(
      "top.size() <= bottom_slice_axis",
      tops,
      bottom[axis]!,
      `slice axis: ${axis}, bottom[0] shape: ${shapeString(bottom)}`,
    );
    return { refused: `${layer.name} cannot cut axis ${axis} of ${shapeText(bottom)} into ${tops}.`, at: "slice_param.slice_point", caffe };
  }
  const back = points.findIndex((point, i) => point <= (points[i - 1] ?? 0));
  if (back >= 0) {
    const before = points[back - 1] ?? 0;
    const caffe = checkFailed("slice_point_[i] > prev", points[back]!, before);
    return {
      refused: `${layer.name} has slice_point ${points[back]!} after ${before}. Every slice_point must be above the one before.`,
      at: `slice_param.slice_point.${back}`,
      caffe,
    };
  }
  const last = points.at(-1)!;
  if (!(last > bottom[axis]!)) return undefined;
  const caffe = checkFailed("shape[i] >= 0", bottom[axis]! - last, 0);
  return {
    refused: `${layer.name} cuts at ${last}, past the end of axis ${axis} of ${shapeText(bottom)}.`,
    at: `slice_param.slice_point.${points.length - 1}`,
    caffe,
  };
}

function evenRefusal(layer: ShapedLayer, axis: number): Refusal | undefined {
  const size = layer.bottoms[0]![axis]!;
  const tops = layer.topNames.length;
  if (!indivisible(size, tops)) return undefined;
  const caffe = checkFailed(
    "bottom_slice_axis % top.size() == 0",
    size % tops,
    0,
    `Number of top blobs (${tops}) should evenly divide input slice axis (${size})`,
  );
  return {
    refused: `${layer.name} cannot cut ${size} into ${tops} equal parts. Change the number of tops, or say where to cut with slice_point.`,
    caffe,
  };
}

/** The first top in place changes the bottom's shape under the check that follows. */
function inPlaceRefusal(layer: ShapedLayer, top: Shape): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  if (layer.topNames.length === 1 || layer.topNames[0] !== layer.bottomNames[0]) return undefined;
  const caffe = checkFailed("count == bottom[0]->count()", volume(bottom), volume(top));
  return { refused: `${layer.name} cannot cut '${layer.bottomNames[0]!}' in place. Give its first top another name.`, at: "top.0", caffe };
}

function emptyTops(layer: ShapedLayer, axis: number, tops: readonly Shape[]): Refusal | undefined {
  if (tops.length === 1) return volume(tops[0]!) === 0 ? emptyRefusal(layer, "bottom.0", tops[0]!) : undefined;
  const empty = tops.findIndex((top) => top[axis] === 0);
  if (empty < 0 || volume(layer.bottoms[0]!) === 0) return undefined;
  const points = layer.message.message("slice_param").size("slice_point");
  return {
    refused:
      `${layer.name} leaves nothing for its top '${layer.topNames[empty]!}': Caffe loads it, but stops when it runs. ` +
      `Cut before the end (${layer.bottoms[0]![axis]!}) of axis ${axis}.`,
    at: `slice_param.slice_point.${Math.max(0, points - 1)}`,
    caffe: "Check failed: data_",
    when: "run",
  };
}
