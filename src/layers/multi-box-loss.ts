import { boxesRefusal } from "./detection-output.ts";
import { firstDimensions, loss } from "./loss.ts";

/** MultiBoxLoss: location and confidence loss of SSD over boxes matched to the truth. Source: `multibox_loss_layer.cpp` of SSD. */
export const multiBoxLoss = loss({
  type: "MultiBoxLoss",
  doc: "The loss of SSD: boxes and classes against the annotated objects.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: ["multibox_loss_param", "loss_param"],
  bottoms: { min: 4, max: 4 },
  tops: { min: 1, max: 1 },
  refuse: (layer) => {
    const param = layer.message.message("multibox_loss_param");
    if (!param.has("num_classes")) {
      return {
        refused: `${layer.name} needs num_classes, the background included.`,
        at: "multibox_loss_param",
        caffe: "Check failed: multibox_loss_param.has_num_classes() Must provide num_classes.",
      };
    }
    return firstDimensions(layer) ?? boxesRefusal(layer, param.number("num_classes"), param.bool("share_location"));
  },
  onnx: "It matters to training alone; a deployed net has DetectionOutput in its place.",
});
