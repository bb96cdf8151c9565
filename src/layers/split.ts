import type { LayerType } from "./definition.ts";

/** Split: the same blob under several names. Caffe adds these by itself where several layers read a blob. Source: `split_layer.cpp`. */
export const split: LayerType = {
  type: "Split",
  doc: "Gives the same blob to several layers.",
  params: [],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1 },
  inPlace: "refused",
  shapes: ({ bottoms: [bottom], topNames }) => ({ tops: topNames.map(() => bottom), params: [] }),
  onnx: (emit, layer) => {
    const value = emit.bottom(0);
    layer.topNames.forEach((_, i) => {
      emit.top(i, value);
    });
  },
};
