import { emptyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { UNKNOWN } from "./shape.ts";
import { anyImage, cropOf, transformed, transformRefusal } from "./transform.ts";

/**
 * WindowData: windows of images, warped to `crop_size`, for R-CNN. Their channels are in the window file. Source:
 * `window_data_layer.cpp`.
 */
export const windowData: LayerType = {
  type: "WindowData",
  doc: "Windows cut from images that a window file lists, all of one size.",
  params: ["window_data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 2, max: 2 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const batch = layer.message.message("window_data_param").number("batch_size");
  const [crop] = cropOf(layer);
  const [channels] = transformed(layer, anyImage);
  const image = [batch, channels, crop || UNKNOWN, crop || UNKNOWN];
  const shapes = { tops: [image, [batch]], params: [] };
  const refusal = transformRefusal(layer, anyImage, "img");
  if (refusal !== undefined) return { ...refusal, shapes };
  if (crop === 0) {
    return {
      refused: `${layer.name} needs crop_size in transform_param: the size its windows are warped to.`,
      at: "transform_param",
      caffe: checkFailed("crop_size > 0", 0, 0),
      shapes,
    };
  }
  return batch === 0 ? { ...emptyRefusal(layer, "window_data_param.batch_size", image), shapes } : shapes;
}
