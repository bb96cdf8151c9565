import { neuron } from "./neuron.ts";
import { filled, plus, scalar, times } from "./onnx.ts";

/** Power: `(shift + scale * x) ^ power`; 1 everywhere for power 0, the same number everywhere for scale 0. Source: `power_layer.cpp`. */
export const power = neuron({
  type: "Power",
  doc: "(shift + scale * x) ^ power, value by value.",
  params: ["power_param"],
  onnx: (emit, layer) => {
    const param = layer.message.message("power_param");
    const float = (field: string): number => Math.fround(param.number(field));
    const [exponent, scale, shift] = [float("power"), float("scale"), float("shift")];
    // Caffe asks the product, which is 0 for two tiny floats as well.
    if (Math.fround(exponent * scale) === 0) {
      emit.top(0, filled(emit, emit.bottom(0), exponent === 0 ? 1 : Math.pow(shift, exponent)));
      return;
    }
    const value = plus(emit, times(emit, emit.bottom(0), scale), shift);
    emit.top(0, exponent === 1 ? value : emit.node("Pow", [value, scalar(emit, exponent)]));
  },
});
