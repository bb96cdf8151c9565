import { shapeGuess, shapeIn, shapeRefusal } from "./blob-shape.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";

/**
 * Input: blobs that the caller fills, of one shape for all tops or one for each. Without a shape they have no axes. Source:
 * `input_layer.cpp`.
 */
export const input: LayerType = {
  type: "Input",
  doc: "The input of the net: blobs that the caller fills.",
  params: ["input_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const given = layer.message.message("input_param").messages("shape").map(shapeIn);
  const tops = layer.topNames.length;
  const own = layer.topNames.map((_, i) => given[given.length === 1 ? 0 : i]);
  const shapes = { tops: own.map((shape) => shapeGuess(shape ?? [])), params: [] };
  if (![0, 1, tops].includes(given.length)) {
    return {
      refused: `${layer.name} has ${counted(given.length, "shape")} for ${counted(tops, "top")}. Give one shape for all, or one for each.`,
      at: "input_param.shape",
      caffe:
        "Check failed: num_shape == 0 || num_shape == 1 || num_shape == num_top Must specify 'shape' once, once per " +
        `top blob, or not at all: ${tops} tops vs. ${given.length} shapes.`,
      shapes,
    };
  }
  const refusal = given.map((shape, i) => shapeRefusal(layer, shape, `input_param.shape.${i}`)).find((found) => found !== undefined);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}
