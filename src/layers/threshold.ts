import { neuron } from "./neuron.ts";
import { asFloat, scalar } from "./onnx.ts";

/** Threshold: 1 where `x > threshold`, else 0. Source: `threshold_layer.cpp`. */
export const threshold = neuron({
  type: "Threshold",
  doc: "1 where a value is above the threshold, 0 elsewhere.",
  params: ["threshold_param"],
  onnx: (emit, layer) => {
    const limit = scalar(emit, layer.message.message("threshold_param").number("threshold"));
    emit.top(0, asFloat(emit, emit.node("Greater", [emit.bottom(0), limit])));
  },
});
