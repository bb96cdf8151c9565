import { neuron } from "./neuron.ts";

/** AbsVal: `|x|`. The only one of its kind that Caffe refuses in place. Source: `absval_layer.cpp`. */
export const absVal = neuron({
  type: "AbsVal",
  doc: "The absolute value of every value.",
  params: [],
  inPlace: "refused",
  onnx: (emit) => {
    emit.top(0, emit.node("Abs", [emit.bottom(0)]));
  },
});
