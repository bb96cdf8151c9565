import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Pair, Refusal, ShapedLayer } from "./definition.ts";
import { INT64 } from "./onnx.ts";
import { differ, shapeText, volume } from "./shape.ts";

const path = "upsample_param";

/** SegNet's Upsample: puts every value where its pooling took it from (the mask, its second bottom), zeros elsewhere. Source: `upsample_layer.cpp` of SegNet. */
export const segnetUpsample: LayerType = {
  type: "Upsample",
  doc: "Undoes a max pooling: puts every value back where the pooling's mask says it came from, with zeros around.",
  dialects: ["segnet"],
  params: [path],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One copy for each value read.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: (layer) => {
    const size = readScale(layer);
    if ("refused" in size) return { kind: "whole" };
    const [, , height = NaN, width = NaN] = layer.bottoms[0]!;
    // A size as given undoes a pooling whose last windows may hang over the edge.
    const stride: Pair = size.fixed === undefined ? size.scale : [Math.ceil(size.fixed[0] / height), Math.ceil(size.fixed[1] / width)];
    return stride.every((n) => n >= 1) ? { kind: "upsample", kernel: stride, stride, pad: [0, 0] } : { kind: "whole" };
  },
  onnx: (emit, layer, { tops: [top] }) => {
    const bottom = layer.bottoms[0]!;
    const planes = volume(bottom, 0, 2);
    const flat = [planes, volume(bottom, 2)];
    const zeros = emit.node("ConstantOfShape", [emit.ints([planes, volume(top!, 2)])]);
    const places = emit.node("Cast", [emit.reshape(emit.bottom(1), flat)], { to: INT64 });
    emit.top(0, emit.reshape(emit.node("ScatterElements", [zeros, places, emit.reshape(emit.bottom(0), flat)], { axis: 1 }), top!));
  },
};

interface UpsampleSize {
  readonly fixed: Pair | undefined;
  readonly scale: Pair;
  /** Rows and columns that are left out at the far edges. */
  readonly less: Pair;
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [bottom, mask] = layer.bottoms as [readonly number[], readonly number[]];
  const [n = NaN, channels = NaN, height = NaN, width = NaN] = bottom;
  const unknown = { tops: [[n, channels, NaN, NaN]], params: [] };
  const size = readScale(layer);
  if ("refused" in size) return { ...size, shapes: unknown };
  const refusal = rankRefusal(layer, 0, "Input must have 4 axes") ?? rankRefusal(layer, 1, "Input mask must have 4 axes");
  if (refusal !== undefined) return { ...refusal, shapes: unknown };
  const [rows, columns] = size.fixed ?? [height * size.scale[0] - size.less[0], width * size.scale[1] - size.less[1]];
  const result = { tops: [[n, channels, rows, columns]], params: [] };
  const axis = [0, 1, 2, 3].find((i) => differ(bottom[i], mask[i]));
  if (axis === undefined) return result;
  const name = ["num", "channels", "height", "width"][axis]!;
  return {
    refused: `${layer.name} needs a mask of its input's shape: '${layer.bottomNames[0]}' is ${shapeText(bottom)}, '${layer.bottomNames[1]}' ${shapeText(mask)}.`,
    at: "bottom.1",
    caffe: checkFailed(`bottom[0]->${name}() == bottom[1]->${name}()`, bottom[axis]!, mask[axis]!),
    shapes: result,
  };
}

function readScale(layer: ShapedLayer): UpsampleSize | Refusal {
  const param = layer.message.message(path);
  const has = (...fields: string[]): boolean => fields.every((field) => param.has(field));
  if (!has("upsample_h", "upsample_w") && !(!has("scale") && has("scale_h", "scale_w")) && (has("scale_h") || has("scale_w"))) {
    return {
      refused: `${layer.name} gives its size in two ways, or half of it. Give upsample_h and upsample_w, or scale, or scale_h and scale_w.`,
      at: `${path}.${has("scale_h") ? "scale_h" : "scale_w"}`,
      caffe:
        "Check failed: (upsample_param.has_upsample_h() && upsample_param.has_upsample_w()) || (!upsample_param.has_scale() && upsample_param.has_scale_h() && upsample_param.has_scale_w()) || (!upsample_param.has_scale_h() && !upsample_param.has_scale_w()) upsample_h & upsample_w are required, else (DEPRECATED) scale OR scale_h & scale_w are required.",
    };
  }
  const pair = (h: string, w: string): Pair => [param.number(h), param.number(w)];
  const fixed = has("upsample_h", "upsample_w") ? pair("upsample_h", "upsample_w") : undefined;
  const scale = has("scale_h") ? pair("scale_h", "scale_w") : ([param.number("scale"), param.number("scale")] as const);
  const small = (fixed ?? scale).findIndex((n) => n <= 1);
  if (small >= 0) {
    const name = `${fixed === undefined ? "scale" : "upsample"}_${small === 0 ? "h" : "w"}`;
    const value = (fixed ?? scale)[small]!;
    return { refused: `${layer.name} has ${name} ${value}. Use 2 or more.`, at: `${path}.${has(name) ? name : "scale"}`, caffe: checkFailed(`${name}_ > 1`, value, 1) };
  }
  const less: Pair = [param.bool("pad_out_h") ? 1 : 0, param.bool("pad_out_w") ? 1 : 0];
  const odd = fixed === undefined ? less.findIndex((cut, i) => cut === 1 && scale[i] !== 2) : -1;
  if (odd < 0) return { fixed, scale, less };
  const [letter, side] = odd === 0 ? ["h", "height"] : ["w", "width"];
  return {
    refused: `${layer.name} leaves out a last ${odd === 0 ? "row" : "column"} (pad_out_${letter}), which goes with a scale of 2 only.`,
    at: `${path}.pad_out_${letter}`,
    caffe: `Check failed: !pad_out_${letter}_ || scale_${letter}_ == 2 Output ${side} padding compensation requires scale_${letter} == 2, otherwise the output size is ill-defined.`,
  };
}

function rankRefusal(layer: ShapedLayer, i: number, message: string): Refusal | undefined {
  const shape = layer.bottoms[i]!;
  if (shape.length === 4) return undefined;
  return {
    refused: `${layer.name} works on images: blobs of 4 axes (num, channels, height, width). '${layer.bottomNames[i]}' is ${shapeText(shape)}.`,
    at: `bottom.${i}`,
    caffe: checkFailed(`4 == bottom[${i}]->num_axes()`, 4, shape.length, `${message}, corresponding to (num, channels, height, width)`),
  };
}
