import { neuron } from "./neuron.ts";
import { scalar } from "./onnx.ts";

/** Clip: `max(min, min(x, max))`; where min exceeds max, min wins. Source: `clip_layer.cpp`. */
export const clip = neuron({
  type: "Clip",
  doc: "Limits every value to the range from min to max.",
  params: ["clip_param"],
  onnx: (emit, layer) => {
    const param = layer.message.message("clip_param");
    // Two operators, because ONNX Clip lets max win where min exceeds it.
    const below = emit.node("Min", [emit.bottom(0), scalar(emit, param.number("max"))]);
    emit.top(0, emit.node("Max", [below, scalar(emit, param.number("min"))]));
  },
});
