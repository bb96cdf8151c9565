import type { LayerType } from "./definition.ts";
import { imageBatch, imageRefusal } from "./image-data.ts";

/** ImageSegData: images, label images and the sizes they had. Source: `image_seg_data_layer.cpp` of DeepLab. */
export const imageSegData: LayerType = {
  type: "ImageSegData",
  doc: "Images and label images listed in a text file, with their sizes.",
  dialects: ["deeplab-v2", "pspnet"],
  params: ["image_data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 3, max: 3 },
  role: "data",
  shapes: (layer) => {
    const [batch, channels, height, width] = imageBatch(layer) as [number, number, number, number];
    const shapes = { tops: [[batch, channels, height, width], [batch, 1, height, width], [batch, 1, 1, 2]], params: [] };
    const refusal = imageRefusal(layer);
    return refusal === undefined ? shapes : { ...refusal, shapes };
  },
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};
