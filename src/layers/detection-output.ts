import { bottomText } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ } from "./shape.ts";

/**
 * DetectionOutput: decoded boxes after non-maximum suppression, one row of seven numbers each; how many shows as it runs. Source:
 * `detection_output_layer.cpp` of SSD.
 */
export const detectionOutput: LayerType = {
  type: "DetectionOutput",
  doc: "The detections of SSD: boxes decoded, overlapping ones suppressed.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: ["detection_output_param"],
  bottoms: { min: 3 },
  tops: { min: 1, max: 1 },
  shapes,
  shapesUnknown: () => ({ tops: [[1, 1, 1, 7]], params: [] }),
  reach: () => ({ kind: "whole" }),
  onnx: "Its suppression of overlapping boxes has no exact ONNX form; export the boxes and scores before it.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const shapes = { tops: [[1, 1, 1, 7]], params: [] };
  const param = layer.message.message("detection_output_param");
  if (!param.has("num_classes")) {
    return {
      refused: `${layer.name} needs num_classes, the background included.`,
      at: "detection_output_param",
      caffe: "Check failed: detection_output_param.has_num_classes() Must specify num_classes",
      shapes,
    };
  }
  const refusal = boxesRefusal(layer, param.number("num_classes"), param.bool("share_location"));
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

/** Why locations (bottom 0), scores (bottom 1) and default boxes (bottom 2) do not go together. */
export function boxesRefusal(layer: ShapedLayer, classes: number, shared: boolean): Refusal | undefined {
  const [locations, scores, boxes] = layer.bottoms.map(legacyShape);
  const priors = Math.floor(boxes![2] / 4);
  const name = (i: number): string => bottomText(layer, i);
  if (differ(locations![0], scores![0])) {
    const caffe = checkFailed("bottom[0]->num() == bottom[1]->num()", locations![0], scores![0]);
    return { refused: `${layer.name} reads locations ${name(0)} and scores ${name(1)} of different batch size.`, at: "bottom.1", caffe };
  }
  const groups = shared ? 1 : classes;
  if (differ(priors * groups * 4, locations![1])) {
    const caffe = checkFailed(
      "num_priors_ * num_loc_classes_ * 4 == bottom[0]->channels()",
      priors * groups * 4,
      locations![1],
      "Number of priors must match number of location predictions.",
    );
    return {
      refused:
        `${layer.name} has ${priors} default boxes, which take ${priors * groups * 4} location values; ${name(0)} has ` +
        `${locations![1]}.`,
      at: "bottom.0",
      caffe,
    };
  }
  if (!differ(priors * classes, scores![1])) return undefined;
  const caffe = checkFailed(
    "num_priors_ * num_classes_ == bottom[1]->channels()",
    priors * classes,
    scores![1],
    "Number of priors must match number of confidence predictions.",
  );
  return {
    refused:
      `${layer.name} has ${priors} default boxes of ${classes} classes, which take ${priors * classes} scores; ` +
      `${name(1)} has ${scores![1]}.`,
    at: "bottom.1",
    caffe,
  };
}
