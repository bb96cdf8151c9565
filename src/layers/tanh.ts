import { engineRefusal } from "./engine.ts";
import { neuron } from "./neuron.ts";

/** TanH: the hyperbolic tangent. Source: `tanh_layer.cpp`. */
export const tanh = neuron({
  type: "TanH",
  doc: "The hyperbolic tangent: every value between -1 and 1.",
  params: ["tanh_param"],
  refuse: (layer) => engineRefusal(layer, "tanh_param"),
  onnx: (emit) => {
    emit.top(0, emit.node("Tanh", [emit.bottom(0)]));
  },
});
