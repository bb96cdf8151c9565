import { neuron } from "./neuron.ts";

/** ELU: `max(x, 0) + alpha * (exp(min(x, 0)) - 1)`. Source: `elu_layer.cpp`. */
export const elu = neuron({
  type: "ELU",
  doc: "Exponential linear unit: negative values approach -alpha smoothly.",
  params: ["elu_param"],
  onnx: (emit, layer) => {
    emit.top(0, emit.node("Elu", [emit.bottom(0)], { alpha: { float: layer.message.message("elu_param").number("alpha") } }));
  },
});
