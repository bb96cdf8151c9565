import type { LayerType } from "./definition.ts";
import { UNKNOWN } from "./shape.ts";
import { cropOf } from "./transform.ts";

/** DenseImageData: images with label images of the same size, listed in a text file. Source: `dense_image_data_layer.cpp` of SegNet. */
export const denseImageData: LayerType = {
  type: "DenseImageData",
  doc: "Images and label images listed in a text file.",
  dialects: ["segnet"],
  params: ["dense_image_data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 2, max: 2 },
  role: "data",
  shapes: (layer) => {
    const param = layer.message.message("dense_image_data_param");
    const batch = param.number("batch_size");
    const crop = cropOf(layer);
    const height = crop[0] || param.number("new_height") || UNKNOWN;
    const width = crop[1] || param.number("new_width") || UNKNOWN;
    const shapes = { tops: [[batch, param.bool("is_color") ? 3 : 1, height, width], [batch, 1, height, width]], params: [] };
    if (param.number("new_height") > 0 === param.number("new_width") > 0) return shapes;
    return {
      refused: `${layer.name} gives only one of new_height and new_width. Give both, or neither.`,
      at: "dense_image_data_param",
      caffe:
        "Check failed: (new_height == 0 && new_width == 0) || (new_height > 0 && new_width > 0) Current implementation " +
        "requires new_height and new_width to be set at the same time.",
      shapes,
    };
  },
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};
