import { checkFailed } from "./caffe-text.ts";
import type { LayerInput, LayerShapes, LayerType, Refusal } from "./definition.ts";
import { UNKNOWN } from "./shape.ts";
import { transformed, transformRefusal, type ImageSize } from "./transform.ts";

/** ImageData: image files and labels listed in a text file. Source: `image_data_layer.cpp`. */
export const imageData: LayerType = {
  type: "ImageData",
  doc: "Images and labels listed in a text file.",
  params: ["image_data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 2, max: 2 },
  role: "data",
  shapes: (layer) => {
    const shapes = { tops: [imageBatch(layer), [batchOf(layer)]], params: [] };
    const refusal = imageRefusal(layer);
    return refusal === undefined ? shapes : { ...refusal, shapes };
  },
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function batchOf(layer: LayerInput): number {
  return layer.message.message("image_data_param").number("batch_size");
}

function imageOf(layer: LayerInput): ImageSize {
  const param = layer.message.message("image_data_param");
  const size = (field: string): number => param.number(field) || UNKNOWN;
  return { channels: param.bool("is_color") ? 3 : 1, height: size("new_height"), width: size("new_width") };
}

/** The shape of a batch of images of an `image_data_param`. */
export function imageBatch(layer: LayerInput): LayerShapes["tops"][number] {
  const [, height, width] = transformed(layer, imageOf(layer));
  return [batchOf(layer), imageOf(layer).channels, height, width];
}

/** Why Caffe refuses an `image_data_param`, without a look at the files. */
export function imageRefusal(layer: LayerInput): Refusal | undefined {
  const param = layer.message.message("image_data_param");
  const [height, width] = [param.number("new_height"), param.number("new_width")];
  const transform = transformRefusal(layer, imageOf(layer), "img");
  if (transform?.at === "transform_param.mean_value") return transform;
  if (height > 0 !== width > 0) {
    return {
      refused: `${layer.name} gives only one of new_height and new_width. Give both, or neither.`,
      at: `image_data_param.${height > 0 ? "new_height" : "new_width"}`,
      caffe:
        "Check failed: (new_height == 0 && new_width == 0) || (new_height > 0 && new_width > 0) Current implementation " +
        "requires new_height and new_width to be set at the same time.",
    };
  }
  if (transform !== undefined || batchOf(layer) > 0) return transform;
  return {
    refused: `${layer.name} needs a batch_size of at least 1.`,
    at: "image_data_param.batch_size",
    caffe: checkFailed("batch_size > 0", batchOf(layer), 0, "Positive batch size required"),
  };
}
