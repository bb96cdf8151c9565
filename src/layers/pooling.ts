import { imageRefusal, legacyRefusal } from "./blob.ts";
import type { LayerShapes, LayerType, Pair, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { engineRefusal } from "./engine.ts";
import { emitAveragePool, emitMaxPool, emitMaxPoolMask, emitWeightedPool } from "./pooling-onnx.ts";
import {
  poolSettingsRefusal,
  poolSizeRefusal,
  poolWindows,
  type PoolFields,
  type PoolMethod,
  type PoolSettings,
} from "./pooling-window.ts";
import { volume } from "./shape.ts";
import { Failure } from "../text/failure.ts";

const path = "pooling_param";

/** Pooling: the largest or mean value of each window; rounds sizes up. Source: `pooling_layer.cpp`. */
export const pooling: LayerType = {
  type: "Pooling",
  doc: "Takes the largest or the mean value of each window.",
  params: [path],
  bottoms: { min: 1, max: 1 },
  // The second top of MAX is the place of each largest value.
  tops: { min: 1, max: 2 },
  inPlace: "wrong",
  shapes,
  // One comparison or addition for each value of each window.
  multiplyAdds: (layer, { tops: [top] }) => {
    const { kernel } = readSettings(layer);
    return volume(top ?? [NaN]) * kernel[0] * kernel[1];
  },
  reach: (layer) => {
    const { kernel, stride, pad } = readSettings(layer);
    const isWindow = !isGlobal(layer) && layer.bottoms[0]!.length === 4;
    return isWindow ? { kind: "window", kernel, stride, pad, dilation: [1, 1] } : { kind: "whole" };
  },
  onnx,
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const unknown = {
    tops: layer.topNames.map(() => (bottom.length === 4 ? [bottom[0]!, bottom[1]!, NaN, NaN] : bottom.map(() => NaN))),
    params: [],
  };
  // Intel's Caffe pools volumes too, with a rule of its own.
  if (layer.dialect === "intel" && bottom.length === 5) {
    return { tops: layer.topNames.map(() => [bottom[0]!, bottom[1]!, NaN, NaN, NaN]), params: [] };
  }
  const fields = fieldsOf(layer);
  const settings = readSettings(layer);
  const early = engineRefusal(layer, path) ?? writingRefusal(layer) ?? (isGlobal(layer) ? legacyRefusal(layer, 0, bottom) : undefined);
  const refusal = early ?? poolSettingsRefusalOf(layer, settings, fields) ?? imageRefusal(layer, bottom);
  if (refusal !== undefined) return { ...refusal, shapes: unknown };
  const windows = poolWindows(settings, [bottom[2]!, bottom[3]!]);
  const tooSmall = poolSizeRefusal(layer, windows, fields);
  if (tooSmall !== undefined) return { ...tooSmall, shapes: unknown };
  const top = [bottom[0]!, bottom[1]!, ...windows.output];
  const result = { tops: layer.topNames.map(() => top), params: [] };
  if (layer.bottomNames[0] !== layer.topNames[0]) return result;
  // In place, Caffe shapes the layer again from its own top before it runs it.
  const again = poolSizeRefusal(layer, poolWindows(readSettings({ ...layer, bottoms: [top] }), windows.output), fields, "run");
  return again === undefined ? result : { ...again, shapes: result };
}

/** The settings as written; for global pooling a window over the whole bottom. */
function readSettings(layer: ShapedLayer): PoolSettings {
  const param = layer.message.message(path);
  const bottom = layer.bottoms[0]!;
  const pair = (field: string, h: string, w: string, both: boolean): Pair => {
    const [rows, columns] = both ? [field, field] : [h, w];
    return [param.number(rows), param.number(columns)];
  };
  return {
    method: (param.text("pool") || "MAX") as PoolMethod,
    kernel: isGlobal(layer) ? [bottom[2] ?? 1, bottom[3] ?? 1] : pair("kernel_size", "kernel_h", "kernel_w", param.has("kernel_size")),
    stride: pair("stride", "stride_h", "stride_w", !param.has("stride_h")),
    pad: pair("pad", "pad_h", "pad_w", !param.has("pad_h")),
    // NVIDIA's `torch_pooling` rounds down.
    round: param.text("round_mode") === "FLOOR" || param.bool("torch_pooling") ? "FLOOR" : "CEIL",
  };
}

function isGlobal(layer: ShapedLayer): boolean {
  return layer.message.message(path).bool("global_pooling");
}

function fieldsOf(layer: ShapedLayer): PoolFields {
  const param = layer.message.message(path);
  const field = (one: string, pair: string): string => `${path}.${param.has(one) || !param.has(pair) ? one : pair}`;
  return {
    kernel: isGlobal(layer) ? "bottom.0" : field("kernel_size", "kernel_h"),
    stride: field("stride", "stride_h"),
    pad: field("pad", "pad_h"),
  };
}

/** What Caffe refuses of how the fields are written: both ways at once, or half of a pair. */
function writingRefusal(layer: ShapedLayer): Refusal | undefined {
  const param = layer.message.message(path);
  const has = (...fields: string[]): boolean => fields.every((field) => param.has(field));
  if (isGlobal(layer)) {
    const given = ["kernel_size", "kernel_h", "kernel_w"].find((field) => param.has(field));
    if (given !== undefined) {
      const caffe =
        "Check failed: !(pool_param.has_kernel_size() || pool_param.has_kernel_h() || pool_param.has_kernel_w()) With " +
        "Global_pooling: true Filter size cannot specified";
      return {
        refused: `${layer.name} pools its whole input (global_pooling), so it takes no ${given}. Remove one of the two.`,
        at: `${path}.${given}`,
        caffe,
      };
    }
  } else if (has("kernel_size") === has("kernel_h", "kernel_w")) {
    const half = ["kernel_h", "kernel_w"].find((field) => param.has(field));
    const alone = half === undefined ? "has no kernel size" : `gives ${half} alone`;
    const problem = has("kernel_size") ? "gives both kernel_size and kernel_h, kernel_w" : alone;
    const caffe =
      "Check failed: !pool_param.has_kernel_size() != !(pool_param.has_kernel_h() && pool_param.has_kernel_w()) Filter size is " +
      "kernel_size OR kernel_h and kernel_w; not both";
    return {
      refused: `${layer.name} ${problem}. Give kernel_size, or kernel_h and kernel_w.`,
      at: `${path}.${half ?? "kernel_size"}`,
      caffe,
    };
  }
  for (const [name, opening] of [["pad", "pad is pad"], ["stride", "Stride is stride"]] as const) {
    const [h, w] = [`${name}_h`, `${name}_w`];
    if ((!has(name) && has(h, w)) || (!has(h) && !has(w))) continue;
    const problem = has(name) ? `both ${name} and ${has(h) ? h : w}` : `${has(h) ? h : w} alone`;
    const given = (field: string): string => `pool_param.has_${field}()`;
    const one = `(!${given(name)} && ${given(h)} && ${given(w)})`;
    const caffe = `Check failed: ${one} || (!${given(h)} && !${given(w)}) ${opening} OR ${h} and ${w} are required.`;
    return { refused: `${layer.name} gives ${problem}. Give ${name}, or ${h} and ${w}.`, at: `${path}.${has(h) ? h : w}`, caffe };
  }
  return undefined;
}

function poolSettingsRefusalOf(layer: ShapedLayer, settings: PoolSettings, fields: PoolFields): Refusal | undefined {
  const { kernel, stride, pad } = settings;
  const plain = [...pad].every((n) => n === 0) && [...stride].every((n) => n === 1);
  if (isGlobal(layer) && !plain && !kernel.includes(0)) {
    const caffe =
      "Check failed: pad_h_ == 0 && pad_w_ == 0 && stride_h_ == 1 && stride_w_ == 1 With Global_pooling: true; " +
      "only pad = 0 and stride = 1";
    const at = pad.every((n) => n === 0) ? fields.stride : fields.pad;
    return {
      refused: `${layer.name} pools its whole input (global_pooling), which allows no pad and no stride but 1. Remove them.`,
      at,
      caffe,
    };
  }
  return poolSettingsRefusal(layer, settings, fields);
}

function onnx(emit: Emitter, layer: ShapedLayer, { tops }: LayerShapes): void {
  const bottom = layer.bottoms[0]!;
  const settings = readSettings(layer);
  const windows = poolWindows(settings, [bottom[2]!, bottom[3]!]);
  const value = emit.bottom(0);
  if (settings.method === "MAX" && tops.length > 1) {
    const { value: top, mask } = emitMaxPoolMask(emit, value, windows);
    emit.top(0, top);
    emit.top(1, mask);
    return;
  }
  if (settings.method === "STOCHASTIC" && layer.phase === "TRAIN") {
    throw new Failure(
      "bad-net",
      `${layer.name} draws at random in the TRAIN phase (pool: STOCHASTIC), which has no ONNX form`,
      { advice: "Export the TEST phase." },
    );
  }
  emit.top(0, pooled(emit, value, layer, settings.method));
  // Only MAX writes the second top; Caffe's memory begins as zeros.
  if (tops.length > 1) emit.top(1, emit.floats(new Float32Array(volume(tops[1]!)), tops[1]!));
}

function pooled(emit: Emitter, value: string, layer: ShapedLayer, method: PoolMethod): string {
  const bottom = layer.bottoms[0]!;
  const windows = poolWindows(readSettings(layer), [bottom[2]!, bottom[3]!]);
  if (method === "STOCHASTIC") return emitWeightedPool(emit, value, windows);
  if (isGlobal(layer)) return emit.node(method === "MAX" ? "GlobalMaxPool" : "GlobalAveragePool", [value]);
  if (method === "MAX") return emitMaxPool(emit, value, windows);
  const param = layer.message.message(path);
  return emitAveragePool(emit, value, windows, param.has("avg_include_pad") && !param.bool("avg_include_pad") ? "image" : "padded");
}
