import { biasKind, broadcast, givenAlignment, learnedAlignment, type Alignment } from "./affine.ts";
import { emptyRefusal } from "./blob.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { volume } from "./shape.ts";

/** Bias: adds a learned blob or its second bottom, laid along the axes from `axis` on. Source: `bias_layer.cpp`. */
export const bias: LayerType = {
  type: "Bias",
  doc: "Adds learned values, one per channel unless told otherwise, or a second input.",
  params: ["bias_param"],
  bottoms: { min: 1, max: 2 },
  tops: { min: 1, max: 1 },
  shapes,
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    const alignment = align(layer);
    if ("refused" in alignment) return;
    const term = layer.bottoms.length === 1 ? emit.floats(emit.param(0).data, alignment.shape) : emit.bottom(1);
    emit.top(0, emit.node("Add", [emit.bottom(0), broadcast(emit, term, alignment, layer.bottoms[0]!.length)]));
  },
};

function align(layer: ShapedLayer): Alignment | Refusal {
  const other = layer.bottoms[1];
  if (other !== undefined) return givenAlignment(layer, biasKind, other, "bottom.1");
  const inline = inlineShapes(layer.message)?.[0];
  return inline === undefined ? learnedAlignment(layer, biasKind) : givenAlignment(layer, biasKind, inline, "blobs.0");
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const learned = layer.bottoms.length === 1;
  const inline = inlineShapes(layer.message);
  const alignment = inlineRefusal(layer) ?? align(layer);
  if ("refused" in alignment) return { ...alignment, shapes: { tops: [bottom], params: inline ?? [] } };
  const result = { tops: [bottom], params: inline ?? (learned ? [alignment.shape] : []) };
  const filler = layer.message.message("bias_param").message("filler");
  const refusal =
    (learned && inline === undefined ? fillerRefusal(layer, filler, alignment.shape, "bias_param.filler", "values") : undefined) ??
    // Caffe keeps ones to add with, one for each value that an item of the blob is added to.
    (volume(bottom, alignment.axis + alignment.shape.length) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}
