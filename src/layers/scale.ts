import { broadcast, givenAlignment, learnedAlignment, type AffineKind, type Alignment } from "./affine.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { volume, type Shape } from "./shape.ts";

const kind: AffineKind = { word: "scale", path: "scale_param", axisName: "axis_" };

/** Scale: multiplies by a learned blob or by its second bottom, laid along the axes from `axis` on, plus a learned bias. Source: `scale_layer.cpp`. */
export const scale: LayerType = {
  type: "Scale",
  doc: "Multiplies by learned factors, one per channel unless told otherwise, or by a second input; with bias_term also adds learned values.",
  params: ["scale_param"],
  bottoms: { min: 1, max: 2 },
  tops: { min: 1, max: 1 },
  shapes,
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    const alignment = align(layer);
    if ("refused" in alignment) return;
    const rank = layer.bottoms[0]!.length;
    const learned = layer.bottoms.length === 1;
    const factor = learned ? emit.floats(emit.param(0).data, alignment.shape) : emit.bottom(1);
    const scaled = emit.node("Mul", [emit.bottom(0), broadcast(emit, factor, alignment, rank)]);
    if (!layer.message.message("scale_param").bool("bias_term")) return emit.top(0, scaled);
    const bias = emit.floats(emit.param(learned ? 1 : 0).data, alignment.shape);
    emit.top(0, emit.node("Add", [scaled, broadcast(emit, bias, alignment, rank)]));
  },
};

function align(layer: ShapedLayer): Alignment | Refusal {
  const other = layer.bottoms[1];
  if (other !== undefined) return givenAlignment(layer, kind, other, "bottom.1");
  const inline = inlineShapes(layer.message)?.[0];
  return inline === undefined ? learnedAlignment(layer, kind) : givenAlignment(layer, kind, inline, "blobs.0");
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("scale_param");
  const learned = layer.bottoms.length === 1;
  const inline = inlineShapes(layer.message);
  const alignment = inlineRefusal(layer) ?? align(layer);
  if ("refused" in alignment) return { ...alignment, shapes: { tops: [bottom], params: inline ?? [] } };
  const own: Shape[] = [...(learned ? [alignment.shape] : []), ...(param.bool("bias_term") ? [alignment.shape] : [])];
  const result = { tops: [bottom], params: inline ?? own };
  const refusal =
    (learned && inline === undefined && param.has("filler") ? fillerRefusal(layer, param.message("filler"), alignment.shape, "scale_param.filler", "factors") : undefined) ??
    (param.bool("bias_term") && inline === undefined ? fillerRefusal(layer, param.message("bias_filler"), alignment.shape, "scale_param.bias_filler", "bias") : undefined);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}
