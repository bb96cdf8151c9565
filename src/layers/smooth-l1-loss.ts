import { bottomText } from "./blob.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import { firstDimensions, loss } from "./loss.ts";
import { differ, volume } from "./shape.ts";

/**
 * SmoothL1Loss: squared differences where small, absolute ones where large; a third and fourth bottom weigh them. Source:
 * `smooth_L1_loss_layer.cpp` of Fast R-CNN.
 */
export const smoothL1Loss = loss({
  type: "SmoothL1Loss",
  doc: "The loss of box regression: quadratic near 0, linear beyond.",
  dialects: ["ssd", "nvidia", "intel", "pspnet", "mobilenet-yolo"],
  params: ["smooth_l1_loss_param", "loss_param"],
  bottoms: { min: 2, max: 4 },
  tops: { min: 1, max: 1 },
  refuse,
  // One multiply-add for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: "It matters to training alone; a deployed net ends with the boxes it compares.",
});

function refuse(layer: ShapedLayer): Refusal | undefined {
  const first = firstDimensions(layer);
  if (first !== undefined) return first;
  const own = legacyShape(layer.bottoms[0]!);
  for (let i = 1; i < layer.bottoms.length; i++) {
    const other = legacyShape(layer.bottoms[i]!);
    const axis = [1, 2, 3].find((axis) => differ(own[axis], other[axis]));
    if (axis === undefined) continue;
    const side = ["num", "channels", "height", "width"][axis]!;
    return {
      refused: `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, i)}: their ${side} differ.`,
      at: `bottom.${i}`,
      caffe: checkFailed(`bottom[0]->${side}() == bottom[${i}]->${side}()`, own[axis]!, other[axis]!),
    };
  }
  return undefined;
}
