import { engineRefusal } from "./engine.ts";
import { neuron } from "./neuron.ts";

/** Sigmoid: `1 / (1 + exp(-x))`. Source: `sigmoid_layer.cpp`. */
export const sigmoid = neuron({
  type: "Sigmoid",
  doc: "The logistic function: every value between 0 and 1.",
  params: ["sigmoid_param"],
  refuse: (layer) => engineRefusal(layer, "sigmoid_param"),
  onnx: (emit) => {
    emit.top(0, emit.node("Sigmoid", [emit.bottom(0)]));
  },
});
