import { bottomText } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ } from "./shape.ts";

/** SegAccuracy: pixel accuracy, mean recall and mean overlap of a segmentation. Source: `seg_accuracy_layer.cpp` of DeepLab. */
export const segAccuracy: LayerType = {
  type: "SegAccuracy",
  doc: "Pixel accuracy, recall and overlap (IoU) of a segmentation.",
  dialects: ["deeplab-v2", "pspnet"],
  params: ["seg_accuracy_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1 },
  role: "measure",
  shapes,
  shapesUnknown: ({ topNames }) => ({ tops: topNames.map(() => [1, 1, 1, 3]), params: [] }),
  reach: () => ({ kind: "none" }),
  onnx: "It measures a net against labels; a deployed net has none.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const shapes = { tops: layer.topNames.map(() => [1, 1, 1, 3]), params: [] };
  const [scores, labels] = [legacyShape(layer.bottoms[0]!), legacyShape(layer.bottoms[1]!)];
  const axis = [0, 2, 3].find((i) => differ(scores[i], labels[i]));
  if (axis === undefined) return shapes;
  const side = ["num", "channels", "height", "width"][axis]!;
  return {
    refused: `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, 1)}: their ${side} differ.`,
    at: "bottom.1",
    caffe: checkFailed(
      `bottom[0]->${side}() == bottom[1]->${side}()`,
      scores[axis]!,
      labels[axis]!,
      `The data ${axis === 0 ? "and label should have the same number" : `should have the same ${side} as label`}.`,
    ),
    shapes,
  };
}
