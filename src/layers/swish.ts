import { neuron } from "./neuron.ts";
import { times } from "./onnx.ts";

/** Swish: `x * sigmoid(beta * x)`. Source: `swish_layer.cpp`. */
export const swish = neuron({
  type: "Swish",
  doc: "x times the sigmoid of beta * x.",
  params: ["swish_param"],
  operations: 2,
  onnx: (emit, layer) => {
    const x = emit.bottom(0);
    const gate = emit.node("Sigmoid", [times(emit, x, layer.message.message("swish_param").number("beta"))]);
    emit.top(0, emit.node("Mul", [x, gate]));
  },
});
