import { emptyRefusal } from "./blob.ts";
import { axisFailed, checkFailed, divisionByZero } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Reach, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { rectified } from "./fused-relu.ts";
import { inlineRefusal, inlineShapes, tooFewInline } from "./inline-blobs.ts";
import { scalar } from "./onnx.ts";
import { shapeText, volume, type Shape } from "./shape.ts";

export const batchNormPath = "batch_norm_param";

/** What BatchNorm has in every Caffe. */
const common: Pick<LayerType, "type" | "doc" | "params" | "bottoms" | "tops" | "multiplyAdds" | "reach"> = {
  type: "BatchNorm",
  doc:
    "Subtracts the mean of each channel and divides by its standard deviation: " +
    "those of the training set (TEST), or of what it is given (TRAIN).",
  params: [batchNormPath],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  reach: (layer): Reach => (usesGlobalStats(layer) ? { kind: "pointwise" } : { kind: "whole" }),
};

/**
 * BatchNorm: normalises each channel with the mean and variance stored, or with those of the batch. Three blobs: mean, variance,
 * and a factor that both are divided by (0 makes both 0). Source: `batch_norm_layer.cpp`; Ioffe and Szegedy 2015.
 */
export const batchNorm: LayerType = {
  ...common,
  dialects: ["bvlc", "intel", "ssd", "pspnet", "deeplab-v2", "segnet", "mobilenet-yolo"],
  shapes: (layer) => {
    const more = intelBlobs(layer);
    return batchNormShapes(layer, (channels) => [[channels], [channels], [1], ...Array.from({ length: more }, () => [channels])]);
  },
  onnx: emitThreeBlobs,
};

function emitThreeBlobs(emit: Emitter, layer: ShapedLayer): void {
  const affine = {
    ...(intelBlobs(layer) > 0 && { scale: emit.param(3).data }),
    ...(intelBlobs(layer) > 1 && { bias: emit.param(4).data }),
  };
  if (!usesGlobalStats(layer)) {
    emit.top(0, rectified(emit, scaled(emit, normalised(emit, layer), layer, affine), layer.message.message(batchNormPath)));
    return;
  }
  const factor = emit.param(2).data[0]!;
  const divided = (data: Float32Array): Float32Array => data.map((x) => (factor === 0 ? 0 : x / factor));
  const value = affineNormalised(emit, layer, { mean: divided(emit.param(0).data), variance: divided(emit.param(1).data), ...affine });
  emit.top(0, rectified(emit, value, layer.message.message(batchNormPath)));
}

/** Intel's Caffe keeps a scale, with it a bias, behind the three blobs where the text asks. Source: `mkl_batch_norm_layer.cpp`. */
function intelBlobs(layer: ShapedLayer): number {
  const param = layer.message.message(batchNormPath);
  if (!param.has("use_weight_bias") || !param.bool("use_weight_bias")) return 0;
  return param.bool("bias_term") ? 2 : 1;
}

/**
 * NVIDIA's BatchNorm: with scale and bias it has five blobs, in the order scale, bias, factor, mean, variance (Caffe 0.15) or mean,
 * variance, correction, scale, bias (0.16 and later). Without, the three of BVLC Caffe.
 */
export const nvidiaBatchNorm: LayerType = {
  ...common,
  dialects: ["nvidia"],
  paramsByCount: true,
  shapes: (layer) => {
    const isFive = hasScaleBias(layer);
    return batchNormShapes(layer, (channels, rank) => (isFive ? nvidiaShapes(channels, rank) : [[channels], [channels], [1]]));
  },
  onnx: (emit, layer) => {
    // Versions before 0.16 have five blobs with cuDNN, whatever the text says.
    if (!hasScaleBias(layer) && emit.paramCount < 5) {
      emitThreeBlobs(emit, layer);
      return;
    }
    const blobs = Array.from({ length: 5 }, (_, i) => emit.param(i).data);
    const { mean, variance, scale, bias } = nvidiaOrder(blobs);
    if (usesGlobalStats(layer)) emit.top(0, affineNormalised(emit, layer, { mean, variance, scale, bias }));
    else emit.top(0, scaled(emit, normalised(emit, layer), layer, { scale, bias }));
  },
};

/** The five blobs of NVIDIA's BatchNorm by their roles, and the version whose order they were in. */
export interface NvidiaBlobs {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  readonly order: "0.15" | "0.16";
}

/** Which of the five blobs is what. Variances are never negative, where biases mostly are in places; and the factor of 0.15 stays 0. */
export function nvidiaOrder(blobs: readonly Float32Array[]): NvidiaBlobs {
  const [a, b, factor, c, d] = blobs as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  const isOld = b.some((value) => value < 0) || (!d.some((value) => value < 0) && factor.every((value) => value === 0));
  if (isOld) return { scale: a, bias: b, mean: c, variance: d, order: "0.15" };
  // The correction is a record of training; nothing is divided by it.
  return { mean: a, variance: b, scale: c, bias: d, order: "0.16" };
}

/** True where the stored statistics are used: by the field, else in the TEST phase. */
export function usesGlobalStats(layer: Pick<ShapedLayer, "message" | "phase">): boolean {
  const param = layer.message.message(batchNormPath);
  return param.has("use_global_stats") ? param.bool("use_global_stats") : layer.phase === "TEST";
}

function hasScaleBias(layer: ShapedLayer): boolean {
  const param = layer.message.message(batchNormPath);
  return param.bool("scale_bias") || param.has("scale_filler") || param.has("bias_filler");
}

/** In 0.15 the blobs have as many axes as the bottom, in 0.16 one. */
function nvidiaShapes(channels: number, rank: number): Shape[] {
  const shape = [1, channels, ...Array.from({ length: Math.max(0, rank - 2) }, () => 1)];
  return [shape, shape, shape.map(() => 1), shape, shape];
}

function batchNormShapes(layer: ShapedLayer, own: (channels: number, rank: number) => Shape[]): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const inline = inlineShapes(layer.message);
  const channels = bottom[1] ?? NaN;
  const result = { tops: [bottom], params: inline ?? own(channels, bottom.length) };
  const refusal =
    inlineRefusal(layer) ??
    (bottom.length === 0 ? rankRefusal(layer, bottom) : undefined) ??
    (bottom[1] === 0 && inline === undefined ? emptyRefusal(layer, "bottom.0", bottom) : undefined) ??
    paramRefusal(layer, result.params.length) ??
    rankRefusal(layer, bottom) ??
    divisionRefusal(layer, bottom) ??
    (volume(bottom, 2) === 0 ? emptyRefusal(layer, "bottom.0", bottom) : undefined) ??
    tooFewInline(layer, inline, 3);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

/** Statistics are not learned: Caffe sets their rates to 0 itself where exactly three are given, and refuses others that are not 0. */
function paramRefusal(layer: ShapedLayer, blobs: number): Refusal | undefined {
  const specs = layer.message.messages("param");
  if (specs.length === 3 || layer.dialect === "nvidia") return undefined;
  const wrong = specs.findIndex((spec, i) => i < blobs && spec.number("lr_mult") !== 0);
  if (wrong < 0) return undefined;
  return {
    refused: `${layer.name} keeps statistics, which are not learned: their lr_mult must be 0. Set it to 0, or remove the param blocks.`,
    at: `param.${wrong}`,
    caffe: checkFailed(
      "this->layer_param_.param(i).lr_mult() == 0.f",
      specs[wrong]!.number("lr_mult"),
      0,
      "Cannot configure batch normalization statistics as layer parameters.",
    ),
  };
}

function rankRefusal(layer: ShapedLayer, bottom: Shape): Refusal | undefined {
  if (bottom.length >= 2) return undefined;
  return {
    refused: `${layer.name} normalises channels (axis 1), but its input (${shapeText(bottom)}) has none. Give it batch and channels.`,
    at: "bottom.0",
    caffe: axisFailed(1, bottom),
  };
}

function divisionRefusal(layer: ShapedLayer, bottom: Shape): Refusal | undefined {
  if (volume(bottom, 0, 2) !== 0) return undefined;
  return {
    refused: `${layer.name} has an input without values (${shapeText(bottom)}): Caffe divides by zero and crashes.`,
    at: "bottom.0",
    caffe: divisionByZero,
  };
}

interface Statistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly scale?: Float32Array;
  readonly bias?: Float32Array;
}

/** (x - mean) / sqrt(variance + eps) * scale + bias, with what is stored. */
function affineNormalised(emit: Emitter, layer: ShapedLayer, { mean, variance, scale, bias }: Statistics): string {
  const channels = mean.length;
  const vector = (data: Float32Array): string => emit.floats(data, [channels]);
  return emit.node(
    "BatchNormalization",
    [
      emit.bottom(0),
      vector(scale ?? new Float32Array(channels).fill(1)),
      vector(bias ?? new Float32Array(channels)),
      vector(mean),
      vector(variance),
    ],
    { epsilon: { float: epsilon(layer) } },
  );
}

/** The same with the mean and variance of the batch itself. */
function normalised(emit: Emitter, layer: ShapedLayer): string {
  const value = emit.bottom(0);
  const axes = layer.bottoms[0]!.map((_, i) => i).filter((i) => i !== 1);
  const centred = emit.node("Sub", [value, emit.node("ReduceMean", [value], { axes, keepdims: 1 })]);
  const variance = emit.node("ReduceMean", [emit.node("Mul", [centred, centred])], { axes, keepdims: 1 });
  return emit.node("Div", [centred, emit.node("Sqrt", [emit.node("Add", [variance, scalar(emit, epsilon(layer))])])]);
}

function scaled(emit: Emitter, value: string, layer: ShapedLayer, { scale, bias }: { scale?: Float32Array; bias?: Float32Array }): string {
  const along = (data: Float32Array): string => emit.floats(data, layer.bottoms[0]!.map((_, i) => (i === 1 ? data.length : 1)));
  const product = scale === undefined ? value : emit.node("Mul", [value, along(scale)]);
  return bias === undefined ? product : emit.node("Add", [product, along(bias)]);
}

/** NVIDIA's Caffe raises it to what cuDNN needs. */
function epsilon(layer: ShapedLayer): number {
  const eps = layer.message.message(batchNormPath).number("eps");
  return layer.dialect === "nvidia" ? Math.max(eps, 1e-5) : eps;
}
