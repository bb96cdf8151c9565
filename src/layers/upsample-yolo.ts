import { axisFailed, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText, volume } from "./shape.ts";

const path = "upsample_param";

/** MobileNet-YOLO's Upsample: every value becomes a square of `scale` x `scale`. Source: `upsample_layer.cpp` of MobileNet-YOLO. */
export const yoloUpsample: LayerType = {
  type: "Upsample",
  doc: "Makes images finer: every value becomes a square of equal values.",
  dialects: ["mobilenet-yolo"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One copy for each value given out.
  multiplyAdds: (_, { tops: [top] }) => volume(top ?? [NaN]),
  reach: (layer) => {
    const scale = layer.message.message(path).number("scale");
    return { kind: "upsample", kernel: [scale, scale], stride: [scale, scale], pad: [0, 0] };
  },
  onnx: (emit, layer, { tops: [top] }) => {
    const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    emit.top(0, emit.node("Resize", [emit.bottom(0), "", "", emit.ints(top!)], nearest));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const scale = layer.message.message(path).number("scale");
  const top = bottom.map((dimension, i) => (i >= bottom.length - 2 ? dimension * Math.max(0, scale) : dimension));
  const result = { tops: [top], params: [] };
  if (bottom.length >= 2 && scale < 0) {
    const caffe = checkFailed("shape[i] >= 0", bottom[bottom.length - 2]! * scale, 0);
    return { refused: `${layer.name} has scale ${scale}. Use 1 or more.`, at: `${path}.scale`, caffe, shapes: result };
  }
  if (bottom.length === 4) return result;
  const refused = `${layer.name} enlarges images: blobs of 4 axes (num, channels, height, width). Its input is ${shapeText(bottom)}.`;
  // Below two axes Caffe writes beside the shape; with more than four it fills a part of the top.
  const isShort = bottom.length === 2 || bottom.length === 3;
  return { refused, at: "bottom.0", ...(isShort && { caffe: axisFailed(bottom.length, top) }), when: "run", shapes: result };
}
