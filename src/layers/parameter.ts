import { shapeGuess, shapeIn, shapeRefusal } from "./blob-shape.ts";
import type { LayerType } from "./definition.ts";

/** Parameter: a learned blob of a given shape, as a top. Source: `parameter_layer.hpp`. */
export const parameter: LayerType = {
  type: "Parameter",
  doc: "A learned blob that other layers read.",
  params: ["parameter_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1, max: 1 },
  shapes: (layer) => {
    const shape = shapeIn(layer.message.message("parameter_param").message("shape"));
    const shapes = { tops: [shapeGuess(shape)], params: [shapeGuess(shape)] };
    const refusal = shapeRefusal(layer, shape, "parameter_param.shape");
    return refusal === undefined ? shapes : { ...refusal, shapes };
  },
  reach: () => ({ kind: "none" }),
  onnx: (emit) => {
    const { data, shape } = emit.param(0);
    emit.top(0, emit.floats(data, shape));
  },
};
