import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerType } from "./definition.ts";
import { differ, shapeText } from "./shape.ts";

/** UniqueLabel: the labels that occur in a label image, up to `max_labels`. Source: `unique_label_layer.cpp` of DeepLab. */
export const uniqueLabel: LayerType = {
  type: "UniqueLabel",
  doc: "The labels that occur in a label image.",
  dialects: ["deeplab-v2", "pspnet"],
  params: ["unique_label_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes: (layer) => {
    const [num, channels] = legacyShape(layer.bottoms[0]!);
    const shapes = { tops: [[num, layer.message.message("unique_label_param").number("max_labels"), 1, 1]], params: [] };
    if (!differ(channels, 1)) return shapes;
    const caffe = checkFailed("channels_ == 1", channels, 1, "Input must have one channel");
    return {
      refused: `${layer.name} takes label images of one channel; '${layer.bottomNames[0]!}' is ${shapeText(layer.bottoms[0])}.`,
      at: "bottom.0",
      caffe,
      shapes,
    };
  },
  reach: () => ({ kind: "whole" }),
  onnx: "It prepares labels for weak supervision; a deployed net has none.",
};
