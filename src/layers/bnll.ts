import { neuron } from "./neuron.ts";

/** BNLL: `log(1 + exp(x))`, computed without overflow. Source: `bnll_layer.cpp`. */
export const bnll = neuron({
  type: "BNLL",
  doc: "Binomial normal log likelihood: log(1 + exp(x)), a smooth ReLU (softplus).",
  params: [],
  onnx: (emit) => {
    emit.top(0, emit.node("Softplus", [emit.bottom(0)]));
  },
});
