import { legacyRefusal } from "./blob.ts";
import { checkFailed, divisionByZero, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { indivisible, shapeText, volume } from "./shape.ts";
import { Failure } from "../text/failure.ts";

const path = "reorg_param";

/**
 * Reorg: turns squares of pixels into channels, or with `reverse` channels into squares. Forward it does so in Darknet's way: it takes the
 * memory of C x H x W for that of a blob of C / stride^2 channels on a grid finer by the stride, so rows and channels mix.
 * Source: `reorg_layer.cpp` of Intel's Caffe and MobileNet-YOLO; Redmon and Farhadi 2016 (YOLO v2).
 */
export const reorg: LayerType = {
  type: "Reorg",
  doc: "Turns squares of pixels into channels, as YOLO v2 does; reverse: channels into squares of pixels.",
  dialects: ["intel", "mobilenet-yolo"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "refused",
  shapes,
  // Forward, a position depends on pixels all over the image.
  reach: (layer) => {
    const { stride, isReverse } = settings(layer);
    return isReverse && stride > 0 ? { kind: "upsample", kernel: [stride, stride], stride: [stride, stride], pad: [0, 0] } : { kind: "whole" };
  },
  onnx: (emit, layer, { tops: [top] }) => {
    const { stride, isReverse } = settings(layer);
    const [items, channels, height, width] = legacyShape(layer.bottoms[0]!);
    const squares = channels / (stride * stride);
    if (!Number.isInteger(squares)) {
      throw new Failure("bad-net", `${layer.name} splits ${channels} channels into ${stride * stride}, which does not come out even, so Caffe reads beside them`);
    }
    if (isReverse) {
      const value = emit.reshape(emit.bottom(0), [items, channels, height, width]);
      emit.top(0, emit.node("DepthToSpace", [value], { blocksize: stride, mode: "DCR" }));
      return;
    }
    const fine = emit.reshape(emit.bottom(0), [items, squares, height, stride, width, stride]);
    emit.top(0, emit.reshape(emit.node("Transpose", [fine], { perm: [0, 3, 5, 1, 2, 4] }), top!));
  },
};

function settings(layer: ShapedLayer): { stride: number; isReverse: boolean } {
  const param = layer.message.message(path);
  return { stride: param.number("stride"), isReverse: param.bool("reverse") };
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const [items, channels, height, width] = legacyShape(bottom);
  const { stride, isReverse } = settings(layer);
  const area = stride * stride;
  const top = isReverse
    ? [items, Math.floor(channels / area), height * stride, width * stride]
    : [items, channels * area, Math.floor(height / stride), Math.floor(width / stride)];
  const result = { tops: [stride > 0 ? top : [items, NaN, NaN, NaN]], params: [] };
  const refusal = strideRefusal(layer, stride) ?? legacyRefusal(layer, 0, bottom) ?? zeroRefusal(layer, stride) ?? runRefusal(layer, stride, isReverse);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function strideRefusal(layer: ShapedLayer, stride: number): Refusal | undefined {
  if (layer.message.message(path).has("stride")) return undefined;
  return {
    refused: `${layer.name} needs a stride: the side of the squares of pixels.`,
    at: path,
    caffe: checkFailed("reorg_param.has_stride() == true", stride, 1, "Reorg Layer needs stride param."),
  };
}

function zeroRefusal(layer: ShapedLayer, stride: number): Refusal | undefined {
  if (stride !== 0) return undefined;
  return { refused: `${layer.name} has stride 0: Caffe divides by zero and crashes. Use 1 or more.`, at: `${path}.stride`, caffe: divisionByZero };
}

/** Caffe checks no size: with fewer channels than a square has pixels it divides by zero, and what is left over it writes past its top. */
function runRefusal(layer: ShapedLayer, stride: number, isReverse: boolean): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  const [, channels, height, width] = legacyShape(bottom);
  const area = stride * stride;
  if (volume(bottom) === 0) return undefined;
  if (channels < area) {
    return {
      refused: `${layer.name} needs at least ${area} channels for stride ${stride}, but its input (${shapeText(bottom)}) has ${channels}: Caffe divides by zero as it runs.`,
      at: `${path}.stride`,
      caffe: divisionByZero,
      when: "run",
    };
  }
  const odd = isReverse ? indivisible(channels, area) : indivisible(height, stride) || indivisible(width, stride);
  if (!odd) return undefined;
  const what = isReverse ? `${channels} channels into ${area}` : `${height} x ${width} pixels into squares of ${stride}`;
  return { refused: `${layer.name} splits ${what}, which does not come out even: Caffe writes past the end of its top as it runs.`, at: `${path}.stride`, when: "run" };
}
