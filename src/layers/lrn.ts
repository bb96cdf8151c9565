import { imageRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { engineRefusal } from "./engine.ts";
import { checkConstant, scalar } from "./onnx.ts";
import { volume } from "./shape.ts";

const path = "lrn_param";

/**
 * LRN: divides each value by a power of what its neighbours hold, over channels (`ACROSS_CHANNELS`) or over rows and columns
 * (`WITHIN_CHANNEL`).
 * Source: `lrn_layer.cpp`; Krizhevsky et al. 2012.
 */
export const lrn: LayerType = {
  type: "LRN",
  doc: "Local response normalisation: divides each value by a power of the mean square of its neighbours.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One multiply-add for each neighbour of each value.
  multiplyAdds: (layer) => {
    const size = layer.message.message(path).number("local_size");
    return volume(layer.bottoms[0]!) * (isWithin(layer) ? size * size : size);
  },
  reach: (layer) => {
    if (!isWithin(layer)) return { kind: "pointwise" };
    const size = layer.message.message(path).number("local_size");
    const pad = (size - 1) / 2;
    return { kind: "window", kernel: [size, size], stride: [1, 1], pad: [pad, pad], dilation: [1, 1] };
  },
  onnx: (emit, layer) => { emit.top(0, isWithin(layer) ? within(emit, layer) : across(emit, layer)); },
};

function isWithin(layer: ShapedLayer): boolean {
  return layer.message.message(path).text("norm_region") === "WITHIN_CHANNEL";
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const result = { tops: [bottom], params: [] };
  const size = layer.message.message(path).number("local_size");
  const engine = engineRefusal(layer, path);
  if (engine !== undefined) return { ...engine, shapes: result };
  if (size % 2 !== 1) {
    return {
      refused:
        `${layer.name} normalises over ${size} neighbours; the number must be odd, so that a value stands in their middle. ` +
        `Use ${size + 1}.`,
      at: `${path}.local_size`,
      caffe: checkFailed("size_ % 2 == 1", size % 2, 1, "LRN only supports odd values for local_size"),
      shapes: result,
    };
  }
  const wrongRank = imageRefusal(layer, bottom);
  return wrongRank === undefined ? result : { ...wrongRank, shapes: result };
}

/**
 * x / (k + alpha / size * sum of squares) ^ beta. The sum over neighbouring channels is a 1 x 1 convolution with a banded matrix: the same numbers as
 * ONNX's LRN operator to rounding, an order of magnitude faster on a CPU.
 */
function across(emit: Emitter, layer: ShapedLayer): string {
  const param = layer.message.message(path);
  const size = param.number("local_size");
  const channels = layer.bottoms[0]![1]!;
  const reach = (size - 1) / 2;
  checkConstant(`${layer.name}, for ${channels} channels,`, channels * channels);
  const band = new Float32Array(channels * channels);
  for (let out = 0; out < channels; out++) {
    for (let from = Math.max(0, out - reach); from <= Math.min(channels - 1, out + reach); from++) {
      band[out * channels + from] = param.number("alpha") / size;
    }
  }
  const value = emit.bottom(0);
  const offset = emit.floats(new Float32Array(channels).fill(param.number("k")), [channels]);
  const scale = emit.node("Conv", [emit.node("Mul", [value, value]), emit.floats(band, [channels, channels, 1, 1]), offset]);
  return emit.node("Div", [value, power(emit, scale, param.number("beta"))]);
}

/** A positive value to a power; to 3/4, the usual one, by square roots, which are faster. */
function power(emit: Emitter, value: string, exponent: number): string {
  if (exponent !== 0.75) return emit.node("Pow", [value, scalar(emit, exponent)]);
  const root = emit.node("Sqrt", [value]);
  return emit.node("Mul", [root, emit.node("Sqrt", [root])]);
}

/** x * (1 + alpha * mean of squares) ^ -beta over a square of neighbours, zeros beyond the edge; k is not used. */
function within(emit: Emitter, layer: ShapedLayer): string {
  const param = layer.message.message(path);
  const size = param.number("local_size");
  const pad = (size - 1) / 2;
  const value = emit.bottom(0);
  const squares = emit.node("Mul", [value, value]);
  const window = { kernel_shape: [size, size], strides: [1, 1], pads: [pad, pad, pad, pad], count_include_pad: 1 };
  const mean = emit.node("AveragePool", [squares], window);
  const scale = emit.node("Add", [emit.node("Mul", [mean, scalar(emit, param.number("alpha"))]), scalar(emit, 1)]);
  return emit.node("Mul", [value, emit.node("Pow", [scale, scalar(emit, -param.number("beta"))])]);
}
