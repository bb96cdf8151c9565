import { streamed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { baseRefusal, logOfBase } from "./logarithm.ts";
import { neuron } from "./neuron.ts";
import { plus, times } from "./onnx.ts";

/** Log: `log_base(shift + scale * x)`; base -1 is e. Source: `log_layer.cpp`. */
export const log = neuron({
  type: "Log",
  doc: "The logarithm of shift + scale * x, to the base e unless another is given.",
  params: ["log_param"],
  refuse,
  onnx: (emit, layer) => {
    const param = layer.message.message("log_param");
    const value = plus(emit, times(emit, emit.bottom(0), param.number("scale")), param.number("shift"));
    emit.top(0, times(emit, emit.node("Log", [value]), 1 / logOfBase(param.number("base"))));
  },
});

function refuse(layer: ShapedLayer): Refusal | undefined {
  const base = layer.message.message("log_param").number("base");
  const refusal = baseRefusal(layer, "log_param");
  if (refusal !== undefined || logOfBase(base) !== 0) return refusal;
  const caffe = `Check failed: !isinf(base_scale_) Inf result: 1/log(base) = 1/log(${streamed(base)}) = inf`;
  return { refused: `${layer.name} has base 1: no logarithm has it. Give another base, or -1 for e.`, at: "log_param.base", caffe };
}
