import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ, shapeText, UNKNOWN } from "./shape.ts";

/**
 * DetectNetTransformation: augmented images and the grid of coverage that DetectNet learns from. Source: `detectnet_transform_layer.cpp`
 * of NVIDIA Caffe.
 */
export const detectNetTransformation: LayerType = {
  type: "DetectNetTransformation",
  doc: "Images of one size and their grid of labels for DetectNet.",
  dialects: ["nvidia"],
  params: ["detectnet_groundtruth_param", "detectnet_augmentation_param", "transform_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 2, max: 2 },
  shapes,
  reach: () => ({ kind: "whole" }),
  onnx: "It prepares images and labels for training; a deployed net reads its images from an Input layer.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [images, labels] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const param = layer.message.message("detectnet_groundtruth_param");
  const [num, channels] = legacyShape(images);
  const size = [param.number("image_size_y"), param.number("image_size_x")];
  const cells = size.map((side) => (side % param.number("stride") === 0 ? side / param.number("stride") : UNKNOWN));
  const shapes = { tops: [[num, channels, ...size], [legacyShape(labels)[0], UNKNOWN, ...cells]], params: [] };
  if (differ(channels, 3)) {
    return {
      refused: `${layer.name} takes images of three channels; '${layer.bottomNames[0]!}' is ${shapeText(images)}.`,
      at: "bottom.0",
      caffe: checkFailed("bottom[0]->channels() == 3", channels, 3),
      shapes,
    };
  }
  if (!differ(num, legacyShape(labels)[0])) return shapes;
  const caffe = checkFailed("bottom[0]->num() == bottom[1]->num()", num, legacyShape(labels)[0]);
  return { refused: `${layer.name} has ${num} images, but labels for ${legacyShape(labels)[0]}.`, at: "bottom.1", caffe, shapes };
}
