import { emptyRefusal, legacyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { counted } from "../text/words.ts";
import { differ, shapeText, volume, type Shape } from "./shape.ts";

const path = "prelu_param";

/**
 * PReLU: `max(x, 0) + a * min(x, 0)` with a learned slope a for each channel, or one for all.
 * Source: `prelu_layer.cpp`; He et al. 2015.
 */
export const prelu: LayerType = {
  type: "PReLU",
  doc: "Rectified linear unit whose slope for negative values is learned, for each channel or for all together.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes,
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    const bottom = layer.bottoms[0]!;
    const { data } = emit.param(0);
    const shape = data.length === 1 ? Array.from(bottom, () => 1) : [data.length, ...bottom.slice(2).map(() => 1)];
    emit.top(0, emit.node("PRelu", [emit.bottom(0), emit.floats(data, shape)]));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  const isShared = param.bool("channel_shared");
  const inline = inlineShapes(layer.message);
  const slopes: Shape = isShared ? [] : [bottom[1] ?? NaN];
  const result = { tops: [bottom], params: inline ?? [slopes] };
  const refusal =
    rankRefusal(layer, bottom) ??
    legacyRefusal(layer, 0, bottom) ??
    inlineRefusal(layer) ??
    (inline === undefined ? fillerRefusal(layer, param.message("filler"), slopes, `${path}.filler`, "slopes") : undefined) ??
    countRefusal(layer, isShared, bottom, inline) ??
    (volume(bottom, 1) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function rankRefusal(layer: ShapedLayer, bottom: Shape): Refusal | undefined {
  if (bottom.length >= 2) return undefined;
  return {
    refused:
      `${layer.name} has a slope for each channel, but its input (${shapeText(bottom)}) has no channels: ` +
      `only ${counted(bottom.length, "axis", "axes")}. Give it batch and channels.`,
    at: "bottom.0",
    caffe: checkFailed("bottom[0]->num_axes() >= 2", bottom.length, 2, "Number of axes of bottom blob must be >=2."),
  };
}

function countRefusal(layer: ShapedLayer, isShared: boolean, bottom: Shape, inline: readonly Shape[] | undefined): Refusal | undefined {
  const given = inline?.[0];
  const wanted = isShared ? 1 : bottom[1]!;
  if (given === undefined || !differ(volume(given), wanted)) return undefined;
  return {
    refused: `${layer.name} needs ${counted(wanted, "slope")}, but its text holds ${volume(given)}.`,
    at: "blobs.0",
    caffe: checkFailed(
      isShared ? "this->blobs_[0]->count() == 1" : "this->blobs_[0]->count() == channels",
      volume(given),
      wanted,
      "Negative slope size is inconsistent with prototxt config",
    ),
  };
}
