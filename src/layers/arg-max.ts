import type { Emitter } from "./emitter.ts";
import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { asFloat } from "./onnx.ts";
import { reachAlong } from "./reach.ts";
import { canonicalAxis, shapeText, volume, type Shape } from "./shape.ts";

/**
 * ArgMax: where the `top_k` largest values are, along an axis or in the whole item; of equal values the later comes first.
 * `out_max_val` gives the values: with an axis in place of the positions, without one after them. Source: `argmax_layer.cpp`.
 */
export const argMax: LayerType = {
  type: "ArgMax",
  doc: "The positions of the largest values, along an axis or in each item.",
  params: ["argmax_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One comparison for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: (layer) => reachAlong(layer, givenAxis(layer)),
  onnx: (emit, layer, { tops: [top] }) => {
    const param = layer.message.message("argmax_param");
    const bottom = layer.bottoms[0]!;
    const axis = givenAxis(layer);
    const rows = axis === undefined ? [bottom[0]!, volume(bottom, 1)] : bottom;
    const input = axis === undefined ? emit.reshape(emit.bottom(0), rows) : emit.bottom(0);
    const { values, places } = largest(emit, input, rows, axis ?? 1, param.number("top_k"));
    const wantsValues = param.bool("out_max_val");
    if (axis !== undefined) emit.top(0, wantsValues ? values : places);
    else emit.top(0, emit.reshape(wantsValues ? emit.node("Concat", [places, values], { axis: 1 }) : places, top!));
  },
};

function givenAxis(layer: ShapedLayer): number | undefined {
  const param = layer.message.message("argmax_param");
  return param.has("axis") ? canonicalAxis(param.number("axis"), layer.bottoms[0]!.length) : undefined;
}

/** TopK puts the earlier of equal values first, Caffe the later: so the axis is turned round. */
function largest(emit: Emitter, input: string, shape: Shape, axis: number, k: number): { values: string; places: string } {
  const size = shape[axis]!;
  const turned = emit.node("Slice", [input, emit.ints([-1]), emit.ints([-size - 1]), emit.ints([axis]), emit.ints([-1])]);
  const [values, found] = emit.nodes("TopK", [turned, emit.ints([k])], 2, { axis, largest: 1, sorted: 1 }) as [string, string];
  return { values, places: asFloat(emit, emit.node("Sub", [emit.ints([size - 1], []), found])) };
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("argmax_param");
  const k = param.number("top_k");
  if (k < 1) {
    const shapes = { tops: [topShape(layer, 1)], params: [] };
    return {
      refused: `${layer.name} looks for the ${k} largest values; top_k must be at least 1.`,
      at: "argmax_param.top_k",
      caffe: checkFailed("top_k_ >= 1", k, 1, "top k must not be less than 1."),
      shapes,
    };
  }
  const shapes = { tops: [topShape(layer, k)], params: [] };
  const axis = param.has("axis") ? axisOf(layer, param.number("axis"), bottom, "argmax_param.axis") : undefined;
  if (typeof axis === "object") return axis;
  if (axis === undefined && bottom.length === 0) {
    return {
      refused: `${layer.name} looks for the largest value of each item, but its input is a single value.`,
      at: "bottom.0",
      caffe: checkFailed("start_axis <= end_axis", 1, 0),
      shapes,
    };
  }
  const size = axis === undefined ? volume(bottom, 1) : bottom[axis]!;
  if (!(k > size)) return shapes;
  const [check, what] = axis === undefined ? ["top_k_ <= bottom[0]->count(1)", "dimension of the flattened bottom blob per instance"] : [
    "top_k_ <= bottom[0]->shape(axis_)",
    "dimension of the axis",
  ];
  return {
    refused:
      `${layer.name} looks for the ${k} largest of ${size} values ` +
      `(${axis === undefined ? "each item" : `axis ${axis}`} of ${shapeText(bottom)}). Lower top_k.`,
    at: "argmax_param.top_k",
    caffe: checkFailed(check, k, size, `top_k must be less than or equal to the ${what}.`),
    shapes,
  };
}

function topShape(layer: ShapedLayer, k: number): Shape {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("argmax_param");
  if (param.has("axis")) return bottom.map((dimension, i) => (i === givenAxis(layer) ? k : dimension));
  return [bottom[0] ?? 1, param.bool("out_max_val") ? 2 : 1, k, ...bottom.slice(3).map(() => 1)];
}
