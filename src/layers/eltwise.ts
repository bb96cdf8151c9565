import type { Emitter } from "./emitter.ts";
import { shapeString } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";
import { filled, times } from "./onnx.ts";
import { shapesDiffer, shapeText, volume } from "./shape.ts";

/** Eltwise: the product, weighted sum or maximum of blobs of one shape, place by place. Source: `eltwise_layer.cpp`. */
export const eltwise: LayerType = {
  type: "Eltwise",
  doc: "Adds (with coefficients), multiplies or takes the maximum of blobs of the same shape, value by value.",
  params: ["eltwise_param"],
  bottoms: { min: 2 },
  tops: { min: 1, max: 1 },
  // A product goes through its factors one by one, so it may overwrite the first.
  inPlace: (layer) => (layer.message("eltwise_param").text("operation") === "PROD" ? undefined : "wrong"),
  shapes,
  // One operation for each value of each bottom.
  multiplyAdds: ({ bottoms }) => bottoms.length * volume(bottoms[0]!),
  onnx: (emit, layer) => {
    const values = layer.bottoms.map((_, i) => emit.bottom(i));
    const param = layer.message.message("eltwise_param");
    const operation = param.text("operation");
    if (operation === "SUM") emit.top(0, weightedSum(emit, values, param.numbers("coeff")));
    else emit.top(0, operation === "PROD" ? values.reduce((a, b) => emit.node("Mul", [a, b])) : emit.node("Max", values));
  },
};

function weightedSum(emit: Emitter, values: readonly string[], coefficients: readonly number[]): string {
  // BLAS leaves a term with coefficient 0 out, even where it holds infinities.
  const terms = values.flatMap((value, i) => (coefficients[i] === 0 ? [] : [times(emit, value, coefficients[i] ?? 1)]));
  return terms.length === 0 ? filled(emit, values[0]!, 0) : terms.reduce((a, b) => emit.node("Add", [a, b]));
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [first, ...others] = layer.bottoms;
  const shapes = { tops: [first], params: [] };
  const param = layer.message.message("eltwise_param");
  const coefficients = param.size("coeff");
  if (coefficients > 0 && coefficients !== layer.bottoms.length) {
    const given = "this->layer_param().eltwise_param().coeff_size()";
    return {
      refused:
        `${layer.name} has ${counted(coefficients, "coefficient")} for ${counted(layer.bottoms.length, "bottom")}. ` +
        "Give one for each bottom, or none.",
      at: "eltwise_param.coeff",
      caffe: `Check failed: ${given} == 0 || ${given} == bottom.size() Eltwise Layer takes one coefficient per bottom blob.`,
      shapes,
    };
  }
  if (coefficients > 0 && param.text("operation") === "PROD") {
    return {
      refused: `${layer.name} multiplies, which takes no coefficients. Remove 'coeff', or use operation SUM.`,
      at: "eltwise_param.coeff",
      caffe:
        "Check failed: !(this->layer_param().eltwise_param().operation() == EltwiseParameter_EltwiseOp_PROD " +
        "&& this->layer_param().eltwise_param().coeff_size()) " +
        "Eltwise layer only takes coefficients for summation.",
      shapes,
    };
  }
  const other = others.findIndex((shape) => shapesDiffer(first!, shape)) + 1;
  if (other === 0) return shapes;
  const [a, b] = [layer.bottomNames[0]!, layer.bottomNames[other]!];
  return {
    refused:
      `${layer.name} combines '${a}' (${shapeText(first)}) and '${b}' (${shapeText(layer.bottoms[other])}) value by ` +
      "value: their shapes must be the same.",
    at: `bottom.${other}`,
    caffe:
      `Check failed: bottom[0]->shape() == bottom[i]->shape() bottom[0]: ${shapeString(first!)}, bottom[${other}]: ` +
      shapeString(layer.bottoms[other]!),
    shapes,
  };
}
