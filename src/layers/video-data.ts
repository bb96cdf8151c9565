import type { LayerType } from "./definition.ts";
import { anyImage, transformed, transformRefusal } from "./transform.ts";

/** VideoData: frames of a camera or a video file. Source: `video_data_layer.cpp` of SSD. */
export const videoData: LayerType = {
  type: "VideoData",
  doc: "Frames of a camera or a video file.",
  dialects: ["ssd", "nvidia", "intel"],
  params: ["video_data_param", "data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1, max: 2 },
  role: "data",
  shapes: (layer) => {
    const batch = layer.message.message("data_param").number("batch_size");
    const image = { ...anyImage, channels: 3 };
    const shapes = { tops: [[batch, ...transformed(layer, image)], [batch]].slice(0, layer.topNames.length), params: [] };
    const refusal = transformRefusal(layer, image, "img");
    return refusal === undefined ? shapes : { ...refusal, shapes };
  },
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};
