import { emptyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { count } from "../text/words.ts";
import { differ, indivisible, shapesDiffer, shapeText, volume, type Shape } from "./shape.ts";

/**
 * Reshape: other dimensions for the same values. In `shape`, 0 keeps the bottom's dimension and one -1 takes what is left;
 * `axis` and `num_axes` say which axes it replaces. Source: `reshape_layer.cpp`.
 */
export const reshape: LayerType = {
  type: "Reshape",
  doc: "Gives the same values other dimensions; 0 keeps one, -1 works one out.",
  params: ["reshape_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "refused",
  shapes,
  reach: (layer) => {
    const result = shapes(layer);
    const top = "tops" in result ? result.tops[0] : undefined;
    return { kind: top !== undefined && !shapesDiffer(top, layer.bottoms[0]!) ? "pointwise" : "whole" };
  },
  onnx: (emit, _layer, { tops }) => {
    emit.top(0, emit.reshape(emit.bottom(0), tops[0]!));
  },
};

const field = "reshape_param.shape";

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  // Intel's pixel shuffler moves values between axes, by a rule of its own.
  if (layer.message.message("reshape_param").number("pixelshuffler") > 1) return { tops: [undefined], params: [] };
  const given = layer.message.message("reshape_param").message("shape").numbers("dim").map((dim) => dim | 0);
  const inferred = given.indexOf(-1);
  const second = given.indexOf(-1, inferred + 1);
  if (inferred >= 0 && second >= 0) {
    const caffe = checkFailed(
      "inferred_axis_ == -1",
      inferred,
      -1,
      "new shape contains multiple -1 dims; at most a single (1) value of -1 may be specified",
    );
    return { refused: `${layer.name} leaves two dimensions open (-1); only one can be worked out.`, at: `${field}.dim.${second}`, caffe };
  }
  const span = replaced(layer, bottom);
  if ("refused" in span) return span;
  const { start, end } = span;
  const past = given.findIndex((dim, i) => dim === 0 && start + i >= bottom.length);
  if (past >= 0) {
    const caffe = checkFailed(
      "bottom[0]->num_axes() > start_axis + copy_axis_index",
      bottom.length,
      start + past,
      "new shape contains a 0, but there was no corresponding bottom axis to copy",
    );
    return {
      refused: `${layer.name} would keep axis ${start + past} (a 0 in its shape), which its input (${shapeText(bottom)}) does not have.`,
      at: `${field}.dim.${past}`,
      caffe,
    };
  }
  const middle = given.map((dim, i) => (dim === 0 ? bottom[start + i]! : dim));
  const around = volume(bottom, 0, start) * volume(bottom, end);
  const shapeOf = (open: number): Shape => [
    ...bottom.slice(0, start),
    ...middle.map((dim, i) => (i === inferred ? open : dim)),
    ...bottom.slice(end),
  ];
  if (inferred < 0) return checked(layer, bottom, shapeOf(NaN));
  const explicit = around * middle.reduce((product, dim, i) => (i === inferred ? product : product * dim), 1);
  if (explicit === 0) {
    return {
      refused: `${layer.name} cannot work out the dimension it leaves open (-1): the others multiply to 0. Caffe crashes on it.`,
      at: `${field}.dim.${inferred}`,
      shapes: { tops: [shapeOf(NaN)], params: [] },
    };
  }
  if (indivisible(volume(bottom), explicit)) {
    const caffe = checkFailed(
      "0 == bottom[0]->count() % explicit_count",
      0,
      volume(bottom) % explicit,
      `bottom count (${volume(bottom)}) must be divisible by the product of the specified dimensions (${explicit})`,
    );
    const refused =
      `${layer.name} cannot spread ${count(volume(bottom))} values (${shapeText(bottom)}) over ` +
      `${shapeText(shapeOf(NaN))}: they do not divide evenly.`;
    return { refused, at: `${field}.dim.${inferred}`, caffe, shapes: { tops: [shapeOf(NaN)], params: [] } };
  }
  return checked(layer, bottom, shapeOf(openDimension(bottom, start, end, given)));
}

/** The axes that the new shape takes the place of: from `start` to before `end`. */
function replaced(layer: ShapedLayer, bottom: Shape): { start: number; end: number } | Refusal {
  const param = layer.message.message("reshape_param");
  const [axis, axes, rank] = [param.number("axis"), param.number("num_axes"), bottom.length];
  const start = axis >= 0 ? axis : rank + axis + 1;
  if (start < 0 || start > rank) {
    const caffe = start < 0 ? checkFailed("start_axis >= 0", start, 0, `axis ${axis} out of range`) : checkFailed(
      "start_axis <= bottom[0]->num_axes()",
      start,
      rank,
      `axis ${axis} out of range for ${rank}-D input blob`,
    );
    return {
      refused: `${layer.name} reshapes from axis ${axis} on, but its input (${shapeText(bottom)}) has ${rank} axes.`,
      at: "reshape_param.axis",
      caffe,
    };
  }
  if (axes < -1) {
    return {
      refused: `${layer.name} has num_axes ${axes}; it is a number of axes, or -1 for all.`,
      at: "reshape_param.num_axes",
      caffe: checkFailed("num_axes >= -1", axes, -1, "num_axes must be >= 0, or -1 for all"),
    };
  }
  const end = axes === -1 ? rank : start + axes;
  if (end <= rank) return { start, end };
  const caffe = checkFailed("end_axis <= bottom[0]->num_axes()", end, rank, "end_axis = axis + num_axes is out of range");
  return {
    refused: `${layer.name} replaces ${axes} axes from axis ${start} on, but its input (${shapeText(bottom)}) has only ${rank}.`,
    at: "reshape_param.num_axes",
    caffe,
  };
}

/** The dimension for -1. What is kept cancels out, so that an unknown batch leaves the rest known. */
function openDimension(bottom: Shape, start: number, end: number, given: readonly number[]): number {
  const kept = new Set(given.flatMap((dim, i) => (dim === 0 ? [start + i] : [])));
  const spread = bottom.reduce((product, dim, i) => (i >= start && i < end && !kept.has(i) ? product * dim : product), 1);
  const extra = [...kept].reduce((product, i) => (i >= end ? product * bottom[i]! : product), 1);
  return spread / given.reduce((product, dim) => (dim === 0 || dim === -1 ? product : product * dim), extra);
}

function checked(layer: ShapedLayer, bottom: Shape, top: Shape): LayerShapes | Refusal {
  const shapes = { tops: [top], params: [] };
  const negative = top.find((dim) => dim < 0);
  if (negative !== undefined) {
    return {
      refused: `${layer.name} would make a blob of ${shapeText(top)}: dimensions are 1 or more, 0 to keep one, or -1 for what is left.`,
      at: field,
      caffe: checkFailed("shape[i] >= 0", negative, 0),
    };
  }
  if (differ(volume(top), volume(bottom))) {
    const caffe = checkFailed("top[0]->count() == bottom[0]->count()", volume(top), volume(bottom), "output count must match input count");
    return {
      refused:
        `${layer.name} would turn ${shapeText(bottom)} (${count(volume(bottom))} values) into ${shapeText(top)} ` +
        `(${count(volume(top))}). The number of values must stay.`,
      at: field,
      caffe,
      shapes,
    };
  }
  return volume(bottom) === 0 ? { ...emptyRefusal(layer, "bottom.0", bottom), shapes } : shapes;
}
