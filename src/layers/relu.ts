import type { LayerType } from "./definition.ts";
import { volume } from "./shape.ts";

/** ReLU: `max(x, 0) + negative_slope * min(x, 0)`. Source: `relu_layer.cpp`. */
export const relu: LayerType = {
  type: "ReLU",
  doc: "Rectified linear unit: negative values become 0, or are scaled by negative_slope.",
  params: ["relu_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes: ({ bottoms: [bottom] }) => ({ tops: [bottom], params: [] }),
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    const slope = layer.message.message("relu_param").number("negative_slope");
    const value = slope === 0 ? emit.node("Relu", [emit.bottom(0)]) : emit.node("LeakyRelu", [emit.bottom(0)], { alpha: { float: slope } });
    emit.top(0, value);
  },
};
