import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { list } from "../text/words.ts";
import { anyImage, transformRefusal } from "./transform.ts";

/** MemoryData: images and labels that the calling program hands over; a crop does not change the shape. Source: `memory_data_layer.cpp`. */
export const memoryData: LayerType = {
  type: "MemoryData",
  doc: "Images and labels that the calling program hands over.",
  params: ["memory_data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 2, max: 2 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = layer.message.message("memory_data_param");
  const fields = ["batch_size", "channels", "height", "width"];
  const image = fields.map((field) => param.number(field));
  const known = { tops: [image, [image[0]!]], params: [] };
  const refusal = transformRefusal(layer, anyImage, "datum");
  if (refusal !== undefined) return { ...refusal, shapes: known };
  const missing = fields.filter((field) => param.number(field) === 0);
  if (missing.length === 0) return known;
  return {
    refused: `${layer.name} needs ${list(missing)} of at least 1 in memory_data_param.`,
    at: "memory_data_param",
    caffe: checkFailed(
      "batch_size_ * size_ > 0",
      0,
      0,
      "batch_size, channels, height, and width must be specified and positive in memory_data_param",
    ),
    shapes: { tops: [image.map((size) => size || NaN), [image[0]! || NaN]], params: [] },
  };
}
