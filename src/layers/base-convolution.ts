import { checkFailed, divisionByZero, noData, shapeString } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { engineRefusal } from "./engine.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal, inlineShapes } from "./inline-blobs.ts";
import { differ, indivisible, isKnown, shapesDiffer, shapeText, volume, type Shape } from "./shape.ts";
import { extent, readWindow, type Window } from "./spatial.ts";
import { count } from "../text/words.ts";

const path = "convolution_param";
const MAX_VALUES = 2 ** 31 - 1;

/** What Convolution and Deconvolution share: any number of bottoms of one shape, a top for each, all with the same weights. */
export const convolutionCounts: Pick<LayerType, "params" | "bottoms" | "tops" | "sameCounts" | "inPlace"> = {
  params: [path],
  bottoms: { min: 1 },
  tops: { min: 1 },
  sameCounts: true,
  inPlace: "wrong",
};

/**
 * Shapes of a Convolution (`"forward"`) or Deconvolution (`"reversed"`), with all that Caffe refuses in its order.
 * `depthwise`: one filter for each channel, whatever the text says of groups and outputs. Source: `base_conv_layer.cpp`.
 */
export function convolutionShapes(
  layer: ShapedLayer,
  direction: "forward" | "reversed",
  groups: "text" | "depthwise" = "text",
): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const window = engineRefusal(layer, path) ?? inlineRefusal(layer) ?? readWindow(layer);
  if ("refused" in window) return { ...window, shapes: guess(layer, bottom) };
  const param = layer.message.message(path);
  const channels = bottom[window.axis]!;
  const [outputs, group] = groups === "depthwise" ? [channels, channels] : [param.number("num_output"), param.number("group")];
  const lead = bottom.slice(0, window.axis);
  const sizes = outputSizes(bottom, window, direction);
  const top = [...lead, outputs, ...sizes.map((size) => (size === undefined || size < 0 ? NaN : size))];
  const shared = direction === "forward" ? [outputs, share(channels, group)] : [channels, share(outputs, group)];
  const grouped = groups === "depthwise" ? [channels, 1] : shared;
  const weights = [...grouped, ...window.kernel];
  const inline = inlineShapes(layer.message);
  const shapes = { tops: layer.topNames.map(() => top), params: inline ?? [weights, ...(param.bool("bias_term") ? [[outputs]] : [])] };
  const refusal =
    channelRefusal(layer, channels, outputs, group) ??
    weightRefusal(layer, weights, outputs, inline) ??
    bottomRefusal(layer) ??
    sizeRefusal(layer, window, sizes, direction) ??
    bufferRefusal(layer, top, window, direction) ??
    inPlaceRefusal(layer, channels, outputs) ??
    secondSizeRefusal(layer, window, top, direction);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

/** The channels of one group; unknown where they do not come out even. */
function share(channels: number, group: number): number {
  return Number.isInteger(channels / group) ? channels / group : NaN;
}

/** Multiply-adds: the weights of one filter for each value given out; of a deconvolution those of one channel for each value read. */
export function convolutionCost(layer: ShapedLayer, shapes: LayerShapes, direction: "forward" | "reversed"): number {
  const window = readWindow(layer);
  const weights = shapes.params[0];
  if ("refused" in window || weights === undefined) return NaN;
  const values = direction === "forward" ? shapes.tops : layer.bottoms;
  return values.reduce((sum, shape) => sum + volume(shape ?? [NaN]) * volume(weights, 1), 0);
}

/**
 * The size along each spatial axis; undefined where Caffe divides by zero.
 *
 * C++ divides towards zero: a kernel one row larger than its input still fits once where the stride is above 1.
 */
function outputSizes(input: Shape, window: Window, direction: "forward" | "reversed"): (number | undefined)[] {
  return window.kernel.map((_, i) => {
    const size = input[window.axis + 1 + i]!;
    const [stride, padding] = [window.stride[i]!, 2 * window.pad[i]!];
    if (direction === "reversed") return stride * (size - 1) + extent(window, i) - padding;
    return stride === 0 ? undefined : Math.trunc((size + padding - extent(window, i)) / stride) + 1;
  });
}

/** The output where the window cannot be read: as many axes as the bottom, channels as asked. */
function guess(layer: ShapedLayer, bottom: Shape): LayerShapes {
  const top = bottom.map((dimension, i) => (i === 0 ? dimension : i === 1 ? layer.message.message(path).number("num_output") : NaN));
  return {
    tops: layer.topNames.map(() => top),
    params: layer.message.message(path).bool("bias_term") ? [undefined, undefined] : [undefined],
  };
}

function channelRefusal(layer: ShapedLayer, channels: number, outputs: number, group: number): Refusal | undefined {
  if (outputs === 0) {
    return {
      refused: `${layer.name} needs num_output: how many channels it gives.`,
      at: `${path}.num_output`,
      caffe: checkFailed("num_output_ > 0", 0, 0),
    };
  }
  if (group === 0) {
    return {
      refused: `${layer.name} has group 0, which makes Caffe divide by zero and crash. Use 1 or more.`,
      at: `${path}.group`,
      caffe: divisionByZero,
    };
  }
  if (indivisible(channels, group)) {
    return {
      refused:
        `${layer.name} splits ${channels} input channels into ${group} groups, which does not come out even. ` +
        `Choose a group that divides ${channels}.`,
      at: `${path}.group`,
      caffe: checkFailed("channels_ % group_ == 0", channels % group, 0),
    };
  }
  if (indivisible(outputs, group)) {
    return {
      refused:
        `${layer.name} makes ${outputs} channels in ${group} groups, which does not come out even. ` +
        `Choose a num_output that ${group} divides.`,
      at: `${path}.num_output`,
      caffe: checkFailed("num_output_ % group_ == 0", outputs % group, 0, "Number of output should be multiples of group."),
    };
  }
  return undefined;
}

function weightRefusal(layer: ShapedLayer, weights: Shape, outputs: number, inline: readonly Shape[] | undefined): Refusal | undefined {
  const param = layer.message.message(path);
  const bias = param.bool("bias_term");
  if (inline === undefined) {
    return (
      fillerRefusal(layer, param.message("weight_filler"), weights, `${path}.weight_filler`, "weights") ??
      (bias ? fillerRefusal(layer, param.message("bias_filler"), [outputs], `${path}.bias_filler`, "bias") : undefined)
    );
  }
  const needed = bias ? 2 : 1;
  if (inline.length !== needed) {
    return {
      refused: `${layer.name} holds ${inline.length} blobs in its text, but needs ${needed}: weights${bias ? " and bias" : ", no bias"}.`,
      at: "blobs",
      caffe: checkFailed("1 + bias_term_ == this->blobs_.size()", needed, inline.length, "Incorrect number of weight blobs."),
    };
  }
  for (const [i, wanted] of [weights, [outputs]].slice(0, needed).entries()) {
    const given = inline[i]!;
    if (!shapesDiffer(wanted, given)) continue;
    const what = i === 0 ? "weight" : "bias";
    return {
      refused: `${layer.name} needs its ${what} as ${shapeText(wanted)}, but its text holds ${shapeText(given)}.`,
      at: `blobs.${i}`,
      caffe: `Incorrect ${what} shape: expected shape ${shapeString(wanted)}; instead, shape was ${shapeString(given)}`,
    };
  }
  return undefined;
}

function bottomRefusal(layer: ShapedLayer): Refusal | undefined {
  const first = layer.bottoms[0]!;
  const i = layer.bottoms.findIndex((shape) => shapesDiffer(first, shape));
  if (i < 0) return undefined;
  const other = layer.bottoms[i]!;
  return {
    refused:
      `${layer.name} works on several blobs of one shape, ` +
      `but '${layer.bottomNames[0]}' is ${shapeText(first)} and '${layer.bottomNames[i]}' ${shapeText(other)}.`,
    at: `bottom.${i}`,
    caffe:
      `Check failed: bottom[0]->shape() == bottom[bottom_id]->shape() shape mismatch - bottom[0]: ${shapeString(first)} vs. ` +
      `bottom[${i}]: ${shapeString(other)}`,
  };
}

function sizeRefusal(
  layer: ShapedLayer,
  window: Window,
  sizes: readonly (number | undefined)[],
  direction: "forward" | "reversed",
): Refusal | undefined {
  const crash = sizes.indexOf(undefined);
  const given = crash === 0 ? "stride_w" : "stride_h";
  if (crash >= 0) {
    return {
      refused: `${layer.name} gives ${given} alone; the other counts as 0, so Caffe divides by zero and crashes. Give both, or stride.`,
      at: `${path}.${given}`,
      caffe: divisionByZero,
    };
  }
  const i = sizes.findIndex((size) => size! < 0);
  if (i >= 0) {
    const axis = window.axis + 1 + i;
    const padding = window.pad[i] === 0 ? "" : ` with ${window.pad[i]} of padding on both sides`;
    const text =
      direction === "forward"
        ? `'s kernel spans ${extent(window, i)} along axis ${axis}, more than its input of ${layer.bottoms[0]![axis]}${padding}. ` +
          "Use a smaller kernel or dilation, or a larger input"
        : ` would cut off more than it makes along axis ${axis}: pad ${window.pad[i]} on both sides of ` +
          `${sizes[i]! + 2 * window.pad[i]!}. Use a smaller pad`;
    return {
      refused: `${layer.name}${text}.`,
      at: `${path}.${direction === "forward" ? kernelField(layer) : "pad"}`,
      caffe: checkFailed("shape[i] >= 0", sizes[i]!, 0),
    };
  }
  if (sizes.includes(0) && layer.message.message(path).bool("bias_term")) {
    return {
      refused:
        `${layer.name} would make a blob without values (${shapeText(sizes.map((size) => size!))}), and Caffe cannot add a bias to it. ` +
        "Use a smaller kernel, or a larger input.",
      at: `${path}.${kernelField(layer)}`,
      caffe: noData,
    };
  }
  const zero = window.stride.indexOf(0);
  if (zero >= 0) {
    const alone = zero === 0 ? "stride_w" : "stride_h";
    return {
      refused:
        `${layer.name} gives ${alone} alone; the other counts as 0, so Caffe divides by zero and crashes as it runs. ` +
        "Give both, or stride.",
      at: `${path}.${alone}`,
      caffe: divisionByZero,
      when: "run",
    };
  }
  return undefined;
}

function kernelField(layer: ShapedLayer): string {
  return layer.message.message(path).has("kernel_size") ? "kernel_size" : "kernel_h";
}

/** Caffe lays the windows of one image side by side, and counts that buffer with 31 bits. */
function bufferRefusal(layer: ShapedLayer, top: Shape, window: Window, direction: "forward" | "reversed"): Refusal | undefined {
  const bottom = layer.bottoms[0]!;
  const [fine, coarse] = direction === "forward" ? [bottom, top] : [top, bottom];
  const buffer = [fine[window.axis]! * volume(window.kernel), ...coarse.slice(window.axis + 1)];
  let values = 1;
  for (const size of buffer) {
    if (size > MAX_VALUES / values) {
      return {
        refused:
          `${layer.name} would need a buffer of ${count(volume(buffer))} values for one image, ` +
          "more than Caffe can count (2,147,483,647). Use a smaller input.",
        at: "bottom.0",
        caffe: checkFailed(`shape[i] <= ${MAX_VALUES} / count_`, size, Math.floor(MAX_VALUES / values), "blob size exceeds INT_MAX"),
      };
    }
    values *= size;
  }
  return undefined;
}

/** In place, the bottom has the top's size when Caffe shapes the layer again, which may be too small for a second time. */
function secondSizeRefusal(layer: ShapedLayer, window: Window, top: Shape, direction: "forward" | "reversed"): Refusal | undefined {
  if (layer.bottomNames[0] !== layer.topNames[0]) return undefined;
  const size = outputSizes(top, window, direction).find((n) => n! < 0);
  if (size === undefined) return undefined;
  return {
    refused:
      `${layer.name} works in place: when Caffe runs it, its result has taken the place of its input, ` +
      "and is too small for its kernel. Give its top a name of its own.",
    at: "top.0",
    caffe: checkFailed("shape[i] >= 0", size, 0),
    when: "run",
  };
}

/** In place, the bottom has the top's channels when Caffe shapes the layer again before it runs it. */
function inPlaceRefusal(layer: ShapedLayer, channels: number, outputs: number): Refusal | undefined {
  if (layer.bottomNames[0] !== layer.topNames[0] || !isKnown(channels) || !differ(channels, outputs)) return undefined;
  return {
    refused:
      `${layer.name} works in place, but makes ${outputs} channels of ${channels}: Caffe stops as it runs the layer. ` +
      "Give its top a name of its own.",
    at: "top.0",
    caffe: checkFailed(
      "bottom[0]->shape(channel_axis_) == channels_",
      outputs,
      channels,
      "Input size incompatible with convolution kernel.",
    ),
    when: "run",
  };
}
