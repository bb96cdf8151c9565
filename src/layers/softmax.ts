import { emptyRefusal } from "./blob.ts";
import { axisOf } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { engineRefusal } from "./engine.ts";
import { reachAlong } from "./reach.ts";
import { canonicalAxis, volume } from "./shape.ts";

/** Softmax: `exp(x) / sum of exp(x)` along one axis. Source: `softmax_layer.cpp`. */
export const softmax: LayerType = {
  type: "Softmax",
  doc: "Turns scores along an axis (the channels) into probabilities that sum to 1.",
  params: ["softmax_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes,
  // One exponential, one addition and one division for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => 3 * volume(bottom!),
  reach: (layer) => reachAlong(layer, canonicalAxis(layer.message.message("softmax_param").number("axis"), layer.bottoms[0]!.length)),
  onnx: (emit, layer) => {
    emit.top(
      0,
      emit.node(
        "Softmax",
        [emit.bottom(0)],
        { axis: canonicalAxis(layer.message.message("softmax_param").number("axis"), layer.bottoms[0]!.length) ?? 1 },
      ),
    );
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const shapes = { tops: [bottom], params: [] };
  const refusal = engineRefusal(layer, "softmax_param") ?? softmaxRefusal(
    layer,
    layer.message.message("softmax_param").number("axis"),
    "softmax_param.axis",
  );
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

/** Why Caffe refuses a softmax of bottom 0 along an axis; losses hold one inside. */
export function softmaxRefusal(layer: ShapedLayer, axis: number, at: string): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  const index = axisOf(layer, axis, bottom, at);
  if (typeof index !== "number") return index;
  return bottom[index] === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined;
}
