import { bottomText } from "./blob.ts";
import { axisFailed, axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { secondRefusal } from "./in-place.ts";
import { counted } from "../text/words.ts";
import { canonicalAxis, type Shape } from "./shape.ts";

const path = "crop_param";

/** Crop: the part of its first bottom that is as large as the second, from `axis` on, at the offsets given. Source: `crop_layer.cpp`. */
export const crop: LayerType = {
  type: "Crop",
  doc: "Cuts its first input to the size of its second, from an axis on, at given offsets.",
  params: [path],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // A position of the output is the one further in by the offset.
  reach: (layer) => {
    const { axis, offsets } = settings(layer);
    const shift = (i: number): number => (i < axis ? 0 : -(offsets[i - axis] ?? 0));
    return { kind: "window", kernel: [1, 1], stride: [1, 1], pad: [shift(2), shift(3)], dilation: [1, 1] };
  },
  onnx: (emit, layer, { tops: [top] }) => {
    const { axis, offsets } = settings(layer);
    const axes = offsets.map((_, i) => axis + i);
    const ends = offsets.map((offset, i) => offset + top![axis + i]!);
    emit.top(0, emit.node("Slice", [emit.bottom(0), emit.ints(offsets), emit.ints(ends), emit.ints(axes)]));
  },
};

/** The first axis that is cut, and the offset of each axis from there on; none where there is no such axis. */
function settings(layer: ShapedLayer): { axis: number; offsets: number[] } {
  const rank = layer.bottoms[0]!.length;
  const param = layer.message.message(path);
  const first = canonicalAxis(param.number("axis"), rank) ?? rank;
  const given = param.numbers("offset");
  return {
    axis: first,
    offsets: Array.from({ length: rank - first }, (_, i) => (given.length === 1 ? given[0]! : (given[i] ?? 0))),
  };
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [bottom, size] = layer.bottoms as readonly [Shape, Shape];
  const param = layer.message.message(path);
  const axis = axisOf(layer, param.number("axis"), bottom, param.has("axis") ? `${path}.axis` : undefined, "crops from");
  if (typeof axis !== "number") return { ...axis, shapes: { tops: [bottom.map(() => NaN)], params: [] } };
  const given = param.size("offset");
  const guess = { tops: [bottom.map((dimension, i) => (i < axis ? dimension : (size[i] ?? NaN)))], params: [] };
  if (given > 1 && axis + given !== bottom.length) {
    return {
      refused:
        `${layer.name} crops ${counted(bottom.length - axis, "axis", "axes")} (from axis ${axis} on), ` +
        `but gives ${counted(given, "offset")}. Give one for all, or one for each.`,
      at: `${path}.offset`,
      caffe: checkFailed(
        "start_axis + param.offset_size() == input_dim",
        axis + given,
        bottom.length,
        "number of offset values specified must be equal to the number of dimensions following axis.",
      ),
      shapes: guess,
    };
  }
  const { offsets } = settings(layer);
  for (let i = axis; i < bottom.length; i++) {
    const refusal = cutRefusal(layer, i, bottom, size, offsets[i - axis]!);
    if (refusal !== undefined) return { ...refusal, shapes: guess };
  }
  const second = secondRefusal(layer, guess.tops[0]!, shapes);
  return second === undefined ? guess : { ...second, shapes: guess };
}

function cutRefusal(layer: ShapedLayer, axis: number, bottom: Shape, size: Shape, offset: number): Refusal | undefined {
  if (axis >= size.length) {
    return {
      refused:
        `${layer.name} crops to the size of ${bottomText(layer, 1)}, which has no axis ${axis}. ` +
        `Give it as many axes as ${bottomText(layer, 0)}.`,
      at: "bottom.1",
      caffe: axisFailed(axis, size),
    };
  }
  const [whole, part] = [bottom[axis]!, size[axis]!];
  if (!(whole - offset < part)) return undefined;
  const from = offset === 0 ? "" : ` from ${offset} on`;
  return {
    refused: `${layer.name} crops ${part} values${from} out of ${whole} along axis ${axis}: more than there are.`,
    at: offset === 0 ? "bottom.0" : `${path}.offset`,
    caffe: checkFailed(
      "bottom[0]->shape(i) - crop_offset >= bottom[1]->shape(i)",
      whole - offset,
      part,
      `the crop for dimension ${axis} is out-of-bounds with size ${part} and offset ${offset}`,
    ),
  };
}
