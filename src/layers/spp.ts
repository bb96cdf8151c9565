import { imageRefusal, legacyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { emitAveragePool, emitMaxPool } from "./pooling-onnx.ts";
import { poolSettingsRefusal, poolSizeRefusal, poolWindows, type PoolMethod, type PoolSettings } from "./pooling-window.ts";
import { shapeText, volume } from "./shape.ts";
import { Failure } from "../text/failure.ts";

const path = "spp_param";
const fields = { kernel: `${path}.pyramid_height`, stride: `${path}.pyramid_height`, pad: `${path}.pyramid_height` };
/** Levels beyond this have more bins than Caffe can count. */
const MAX_LEVELS = 15;

/** SPP: pools the image into 1, 4, 16 … bins and joins them to a vector of fixed length. Source: `spp_layer.cpp`; He et al. 2014. */
export const spp: LayerType = {
  type: "SPP",
  doc: "Spatial pyramid pooling: pools the image into 1, 4, 16 … bins, which gives a vector of the same length for any image.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // Every level looks at every value about once.
  multiplyAdds: (layer) => volume(layer.bottoms[0]!) * layer.message.message(path).number("pyramid_height"),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer) => {
    const [n, channels] = layer.bottoms[0]!;
    const settings = levels(layer);
    const pools = settings.map((level) => pool(emit, layer, level));
    if (pools.length === 1) { emit.top(0, pools[0]!); return; }
    const flat = pools.map((value, level) => emit.reshape(value, [n!, channels! * 4 ** level]));
    emit.top(0, emit.node("Concat", flat, { axis: 1 }));
  },
};

function pool(emit: Emitter, layer: ShapedLayer, settings: PoolSettings): string {
  const [, , height, width] = layer.bottoms[0]!;
  const windows = poolWindows(settings, [height!, width!]);
  if (settings.method === "MAX") return emitMaxPool(emit, emit.bottom(0), windows);
  if (settings.method === "AVE") return emitAveragePool(emit, emit.bottom(0), windows);
  throw new Failure("bad-net", `${layer.name} draws at random in every phase (pool: STOCHASTIC), which has no ONNX form`);
}

/** The pooling of each level: bins rounded up, what is missing split as padding. Source: `SPPLayer::GetPoolingParam`. */
function levels(layer: ShapedLayer): PoolSettings[] {
  const param = layer.message.message(path);
  const [, , height = NaN, width = NaN] = layer.bottoms[0]!;
  return Array.from({ length: Math.min(param.number("pyramid_height"), MAX_LEVELS) }, (_, level) => {
    const bins = 2 ** level;
    const kernel = [Math.ceil(height / bins), Math.ceil(width / bins)] as const;
    const pad = [Math.floor((kernel[0] * bins - height + 1) / 2), Math.floor((kernel[1] * bins - width + 1) / 2)] as const;
    return { method: (param.text("pool") || "MAX") as PoolMethod, kernel, stride: kernel, pad, round: "CEIL" };
  });
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  const height = param.number("pyramid_height");
  const [n = NaN, channels = NaN] = bottom;
  const length = (4 ** height - 1) / 3;
  const result = { tops: [height === 1 ? [n, channels, 1, 1] : [n, channels * length]], params: [] };
  const refusal = legacyRefusal(layer, 0, bottom) ?? emptyRefusal(layer);
  if (refusal !== undefined) return { ...refusal, shapes: result };
  if (height === 0) {
    const caffe = checkFailed("MinTopBlobs() <= top.size()", 1, 0, "Split Layer produces at least 1 top blob(s) as output.");
    const refused = `${layer.name} needs pyramid_height: how many levels it pools.`;
    return { refused, at: `${path}.pyramid_height`, caffe, shapes: { tops: [undefined], params: [] } };
  }
  const wrongRank = imageRefusal(layer, bottom);
  if (wrongRank !== undefined) return { ...wrongRank, shapes: result };
  for (const settings of levels(layer)) {
    const wrong =
      poolSettingsRefusal(layer, settings, fields) ??
      poolSizeRefusal(layer, poolWindows(settings, [bottom[2]!, bottom[3]!]), fields);
    if (wrong !== undefined) {
      return {
        ...wrong,
        refused:
          `${layer.name} cannot divide ${shapeText(bottom.slice(2))} into the bins of ${height} levels: ` +
          "the last windows would lie in the padding altogether. Use a smaller pyramid_height.",
        shapes: result,
      };
    }
  }
  // In place, its own result has taken the place of the image when it looks at it again.
  const inPlace = layer.topNames[0] === layer.bottomNames[0] ? imageRefusal(layer, result.tops[0]!) : undefined;
  if (inPlace === undefined) return result;
  const refused = `${layer.name} cannot work in place: its result is no image. Give its top a name of its own.`;
  return { ...inPlace, refused, at: "top.0", shapes: result };
}

function emptyRefusal(layer: ShapedLayer): Refusal | undefined {
  const [, , height = 1, width = 1] = layer.bottoms[0]!;
  if (height !== 0 && width !== 0) return undefined;
  return {
    refused: `${layer.name} has an input without rows or columns (${shapeText(layer.bottoms[0])}).`,
    at: "bottom.0",
    caffe: checkFailed(height === 0 ? "bottom_h_ > 0" : "bottom_w_ > 0", 0, 0, "Input dimensions cannot be zero."),
  };
}
