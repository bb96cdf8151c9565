import type { LayerType } from "./definition.ts";

/** Silence: takes blobs that nobody wants, so that they are no outputs of the net. Source: `silence_layer.cpp`. */
export const silence: LayerType = {
  type: "Silence",
  doc: "Takes blobs that no other layer reads, so that they are no outputs.",
  params: [],
  bottoms: { min: 1 },
  tops: { min: 0, max: 0 },
  shapes: () => ({ tops: [], params: [] }),
  shapesUnknown: () => ({ tops: [], params: [] }),
  reach: () => ({ kind: "none" }),
  onnx: () => undefined,
};
