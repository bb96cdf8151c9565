import { baseRefusal, logOfBase } from "./logarithm.ts";
import { neuron } from "./neuron.ts";
import { times } from "./onnx.ts";

/** Exp: `base ^ (shift + scale * x)`; base -1 is e. Source: `exp_layer.cpp`. */
export const exp = neuron({
  type: "Exp",
  doc: "The exponential base ^ (shift + scale * x); base is e unless given.",
  params: ["exp_param"],
  refuse: (layer) => baseRefusal(layer, "exp_param"),
  onnx: (emit, layer) => {
    const param = layer.message.message("exp_param");
    const log = logOfBase(param.number("base"));
    const power = emit.node("Exp", [times(emit, emit.bottom(0), log * param.number("scale"))]);
    emit.top(0, times(emit, power, Math.exp(log * param.number("shift"))));
  },
});
