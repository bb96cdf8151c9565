import { neuron } from "./neuron.ts";
import { scalar } from "./onnx.ts";

/** ReLU6: ReLU (with a slope below 0) that ends at 6. Source: `relu6_layer.cpp` of MobileNet-YOLO. */
export const relu6 = neuron({
  type: "ReLU6",
  doc: "Rectified linear unit that ends at 6.",
  dialects: ["mobilenet-yolo"],
  params: ["relu6_param"],
  operations: 2,
  onnx: (emit, layer) => {
    const slope = layer.message.message("relu6_param").number("negative_slope");
    const value = slope === 0 ? emit.node("Relu", [emit.bottom(0)]) : emit.node("LeakyRelu", [emit.bottom(0)], { alpha: { float: slope } });
    emit.top(0, emit.node("Min", [value, scalar(emit, 6)]));
  },
});
