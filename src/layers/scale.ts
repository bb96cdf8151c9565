import { broadcast, givenAlignment, innerBiasKind, learnedAlignment, scaleKind, type Alignment } from "./affine.ts";
import { emptyRefusal } from "./blob.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { volume, type Shape } from "./shape.ts";

const path = "scale_param";

/**
 * Scale: multiplies by a learned blob or by its second bottom, laid along the axes from `axis` on, plus a learned bias.
 * Source: `scale_layer.cpp`.
 */
export const scale: LayerType = {
  type: "Scale",
  doc:
    "Multiplies by learned factors, one per channel unless told otherwise, or by a second input; " +
    "with bias_term also adds learned values.",
  params: [path],
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
    if (!layer.message.message(path).bool("bias_term")) { emit.top(0, scaled); return; }
    const bias = emit.floats(emit.param(learned ? 1 : 0).data, alignment.shape);
    emit.top(0, emit.node("Add", [scaled, broadcast(emit, bias, alignment, rank)]));
  },
};

function align(layer: ShapedLayer): Alignment | Refusal {
  const other = layer.bottoms[1];
  if (other !== undefined) return givenAlignment(layer, scaleKind, other, "bottom.1");
  const inline = inlineShapes(layer.message)?.[0];
  return inline === undefined ? learnedAlignment(layer, scaleKind) : givenAlignment(layer, scaleKind, inline, "blobs.0");
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const inline = inlineShapes(layer.message);
  const hasBias = layer.message.message(path).bool("bias_term");
  const learned = layer.bottoms.length === 1 && inline === undefined ? learnedAlignment(layer, scaleKind) : undefined;
  const factor =
    inlineRefusal(layer) ??
    weightRefusal(layer, learned) ??
    (hasBias ? biasRefusal(layer, inline?.[0]) : undefined) ??
    align(layer);
  if ("refused" in factor) return { ...factor, shapes: { tops: [bottom], params: inline ?? (hasBias ? [undefined] : []) } };
  const result = { tops: [bottom], params: params(layer, factor.shape, inline, hasBias) };
  // Caffe keeps ones to sum up with, as many as there are items or values of an item.
  const sums = Math.max(volume(bottom, 0, factor.axis), volume(bottom, factor.axis + factor.shape.length));
  return sums === 0 ? { ...emptyRefusal(layer, "bottom.0", bottom), shapes: result } : result;
}

/** A bias that the text does not hold is made beside the factors that it may hold. */
function params(layer: ShapedLayer, factor: Shape, inline: readonly Shape[] | undefined, hasBias: boolean): readonly Shape[] {
  if (inline !== undefined) return hasBias && inline.length + layer.bottoms.length < 3 ? [...inline, inline[0]!] : inline;
  return [...(layer.bottoms.length === 1 ? [factor] : []), ...(hasBias ? [factor] : [])];
}

function weightRefusal(layer: ShapedLayer, learned: Alignment | Refusal | undefined): Refusal | undefined {
  if (learned === undefined || "refused" in learned) return learned;
  return fillerRefusal(layer, layer.message.message(path).message("filler"), learned.shape, `${path}.filler`, "factors");
}

/** The bias is a layer of its own to Caffe, set up before the factors are laid along the axes. */
function biasRefusal(layer: ShapedLayer, inline: Shape | undefined): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  const at = layer.bottoms.length > 1 ? "bottom.1" : "blobs.0";
  const alignment =
    inline === undefined
      ? learnedAlignment(layer, innerBiasKind, layer.bottoms[1]?.length)
      : givenAlignment(layer, innerBiasKind, inline, at);
  if ("refused" in alignment) return alignment;
  const filler = layer.message.message(path).message("bias_filler");
  return (
    (inline === undefined ? fillerRefusal(layer, filler, alignment.shape, `${path}.bias_filler`, "bias") : undefined) ??
    (volume(bottom, alignment.axis + alignment.shape.length) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined)
  );
}
