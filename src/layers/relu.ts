import { engineRefusal } from "./engine.ts";
import { neuron } from "./neuron.ts";

/** ReLU: `max(x, 0) + negative_slope * min(x, 0)`. Source: `relu_layer.cpp`. */
export const relu = neuron({
  type: "ReLU",
  doc: "Rectified linear unit: negative values become 0, or are scaled by negative_slope.",
  params: ["relu_param"],
  refuse: (layer) => engineRefusal(layer, "relu_param"),
  onnx: (emit, layer) => {
    const slope = layer.message.message("relu_param").number("negative_slope");
    const value = slope === 0 ? emit.node("Relu", [emit.bottom(0)]) : emit.node("LeakyRelu", [emit.bottom(0)], { alpha: { float: slope } });
    emit.top(0, value);
  },
});
