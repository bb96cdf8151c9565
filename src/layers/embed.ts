import { emptyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes, tooFewInline } from "./inline-blobs.ts";
import { INT64 } from "./onnx.ts";
import { volume } from "./shape.ts";

const path = "embed_param";

/** Embed: looks each value up as a row of a learned table (`input_dim` x `num_output`), plus a bias. Source: `embed_layer.cpp`. */
export const embed: LayerType = {
  type: "Embed",
  doc: "Replaces every whole number (a word) by its row of a learned table.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One copy for each value given out.
  multiplyAdds: (_, { tops: [top] }) => volume(top ?? [NaN]),
  reach: () => ({ kind: "none" }),
  onnx: (emit, layer) => {
    const param = layer.message.message(path);
    const [rows, width] = [param.number("input_dim"), param.number("num_output")];
    const table = emit.floats(emit.param(0).data, [rows, width]);
    // Cast cuts towards zero, as C++ does.
    const found = emit.node("Gather", [table, emit.node("Cast", [emit.bottom(0)], { to: INT64 })], { axis: 0 });
    emit.top(0, param.bool("bias_term") ? emit.node("Add", [found, emit.floats(emit.param(1).data, [width])]) : found);
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = layer.message.message(path);
  const bottom = layer.bottoms[0]!;
  const [rows, width, bias] = [param.number("input_dim"), param.number("num_output"), param.bool("bias_term")];
  const inline = inlineShapes(layer.message);
  const shapes = { tops: [[...bottom, width]], params: inline ?? [[rows, width], ...(bias ? [[width]] : [])] };
  const refusal =
    inlineRefusal(layer) ??
    zeroRefusal(layer, "num_output", "how many values a row of its table has", "N_ > 0") ??
    zeroRefusal(layer, "input_dim", "how many rows its table has", "K_ > 0") ??
    (inline === undefined ? weightRefusal(layer) : undefined) ??
    (bias && volume(bottom) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined) ??
    tooFewInline(layer, inline, bias ? 2 : 1);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function weightRefusal(layer: ShapedLayer): Refusal | undefined {
  const param = layer.message.message(path);
  const [rows, width] = [param.number("input_dim"), param.number("num_output")];
  return (
    fillerRefusal(layer, param.message("weight_filler"), [rows, width], `${path}.weight_filler`, "table") ??
    (param.bool("bias_term") ? fillerRefusal(layer, param.message("bias_filler"), [width], `${path}.bias_filler`, "bias") : undefined)
  );
}

function zeroRefusal(layer: ShapedLayer, field: string, what: string, check: string): Refusal | undefined {
  if (layer.message.message(path).number(field) !== 0) return undefined;
  return {
    refused: `${layer.name} needs ${field}: ${what}.`,
    at: `${path}.${field}`,
    caffe: checkFailed(check, 0, 0, `EmbedLayer ${field} must be positive.`),
  };
}
