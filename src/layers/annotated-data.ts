import type { LayerType } from "./definition.ts";
import { UNKNOWN } from "./shape.ts";
import { anyImage, transformed, transformRefusal } from "./transform.ts";

/**
 * AnnotatedData: images with annotated boxes from a database. Boxes come as rows of eight numbers. Source: `annotated_data_layer.cpp` of
 * SSD.
 */
export const annotatedData: LayerType = {
  type: "AnnotatedData",
  doc: "Images and their annotated boxes from a database.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: ["annotated_data_param", "data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1 },
  role: "data",
  shapes: (layer) => {
    const batch = layer.message.message("data_param").number("batch_size");
    const labels = layer.dialect === "mobilenet-yolo" ? undefined : [UNKNOWN, 1, UNKNOWN, UNKNOWN];
    const shapes = {
      tops: layer.topNames.map((_, i) => (i === 0 ? [batch, ...transformed(layer, anyImage)] : i === 1 ? labels : undefined)),
      params: [],
    };
    const refusal = transformRefusal(layer, anyImage, "datum");
    return refusal === undefined ? shapes : { ...refusal, shapes };
  },
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};
