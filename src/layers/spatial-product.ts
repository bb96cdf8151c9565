import type { LayerType } from "./definition.ts";
import { volume } from "./shape.ts";

/** SpatialProduct: every channel times a map of one channel. Source: `spatial_product_layer.cpp` of DeepLab. */
export const spatialProduct: LayerType = {
  type: "SpatialProduct",
  doc: "Multiplies every channel by a map of one channel.",
  dialects: ["deeplab-v2", "pspnet"],
  params: [],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  shapes: ({ bottoms: [bottom] }) => ({ tops: [bottom], params: [] }),
  // One product for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit) => {
    emit.top(0, emit.node("Mul", [emit.bottom(0), emit.bottom(1)]));
  },
};
