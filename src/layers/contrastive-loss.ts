import type { Emitter } from "./emitter.ts";
import { bottomText, legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { firstLabels } from "./hinge-loss.ts";
import { labelsOf } from "./labels.ts";
import { firstDimensions, loss } from "./loss.ts";
import { scalar, sumAll, sumAlong, times } from "./onnx.ts";
import { differ, shapeText, volume } from "./shape.ts";

/**
 * ContrastiveLoss: the squared distance of similar pairs, `max(margin - distance, 0)` squared of others (`legacy_version`: the margin
 * less the squared distance), over twice the batch size. Source: `contrastive_loss_layer.cpp`.
 */
export const contrastiveLoss = loss({
  type: "ContrastiveLoss",
  doc: "Draws similar pairs together and pushes others apart: the loss of siamese nets.",
  params: ["contrastive_loss_param"],
  bottoms: { min: 3, max: 3 },
  tops: { min: 1, max: 1 },
  inPlaceFails: "run",
  refuse: (layer) => pairRefusal(layer) ?? firstDimensions(layer),
  // One multiply-add for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    emit.top(0, emit.losses === "deploy" ? emit.bottom(0) : value(emit, layer));
  },
});

function value(emit: Emitter, layer: ShapedLayer): string {
  const param = layer.message.message("contrastive_loss_param");
  const shape = layer.bottoms[0]!;
  const [items, size] = [shape[0]!, volume(shape, 1)];
  const difference = emit.node("Sub", [emit.reshape(emit.bottom(0), [items, size]), emit.reshape(emit.bottom(1), [items, size])]);
  const squared = sumAlong(emit, emit.node("Mul", [difference, difference]), 1);
  const { ids } = labelsOf(emit, firstLabels(emit, layer, items, 2), [items], undefined);
  const gap = (distance: string): string => emit.node(
    "Max",
    [emit.node("Sub", [scalar(emit, param.number("margin")), distance]), scalar(emit, 0)],
  );
  const short = gap(param.bool("legacy_version") ? squared : emit.node("Sqrt", [squared]));
  const apart = param.bool("legacy_version") ? short : emit.node("Mul", [short, short]);
  const losses = emit.node("Where", [emit.node("Equal", [ids, emit.ints([0], [])]), apart, squared]);
  return times(emit, sumAll(emit, losses), 0.5 / items);
}

function pairRefusal(layer: ShapedLayer): Refusal | undefined {
  const legacy = [0, 1].map((i) => legacyRefusal(layer, i, layer.bottoms[i]!)).find((refusal) => refusal !== undefined);
  if (legacy !== undefined) return legacy;
  const [a, b] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const channels = [a, b].map((shape) => legacyShape(shape)[1]) as [number, number];
  if (differ(...channels)) {
    return {
      refused: `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, 1)}: they need the same number of channels.`,
      at: "bottom.1",
      caffe: checkFailed("bottom[0]->channels() == bottom[1]->channels()", ...channels),
    };
  }
  for (const [bottom, axis] of [[0, 2], [0, 3], [1, 2], [1, 3], [2, 1], [2, 2], [2, 3]] as const) {
    const shape = layer.bottoms[bottom]!;
    const refusal = legacyRefusal(layer, bottom, shape);
    if (refusal !== undefined) return refusal;
    const dimension = legacyShape(shape)[axis];
    if (!differ(dimension, 1)) continue;
    return {
      refused:
        `${layer.name} takes ${bottom === 2 ? "one number for each pair" : "vectors"}, but ` +
        `'${layer.bottomNames[bottom]!}' is ${shapeText(shape)}: axis ${axis} must be 1.`,
      at: `bottom.${bottom}`,
      caffe: checkFailed(`bottom[${bottom}]->${axis === 1 ? "channels" : axis === 2 ? "height" : "width"}() == 1`, dimension, 1),
    };
  }
  return undefined;
}
