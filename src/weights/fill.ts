import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { count } from "../text/words.ts";
import { volume, type Shape } from "../layers/shape.ts";
import type { Layer } from "../net/net.ts";
import type { Message } from "../prototxt/message.ts";

/** Where each layer type keeps the fillers of its learned blobs, in their order. */
const fillers: Readonly<Record<string, readonly [param: string, ...fields: string[]]>> = {
  Convolution: ["convolution_param", "weight_filler", "bias_filler"],
  Deconvolution: ["convolution_param", "weight_filler", "bias_filler"],
  InnerProduct: ["inner_product_param", "weight_filler", "bias_filler"],
  Embed: ["embed_param", "weight_filler", "bias_filler"],
  Scale: ["scale_param", "filler", "bias_filler"],
  Bias: ["bias_param", "filler"],
  PReLU: ["prelu_param", "filler"],
  Parameter: ["parameter_param"],
};

/**
 * The values that a layer's filler gives a blob where they are not random: constant and bilinear fillers that the text names, and what follows from them.
 * Undefined where the weights would be random, or where the text names no filler for the layer's weights: then a model must bring them.
 * Source: `filler.hpp`.
 */
export function filledBlob(layer: Layer, index: number, shape: Shape): Float32Array | undefined {
  const [param, ...fields] = (Object.hasOwn(fillers, layer.type) ? fillers[layer.type] : undefined) ?? [""];
  const [first] = fields;
  if (first === undefined) return layer.type === "BatchNorm" || layer.type === "Parameter" ? new Float32Array(room(layer, shape)) : undefined;
  const message = layer.message.message(param);
  const isDefined = layer.type === "Scale" || layer.type === "Bias" || layer.type === "PReLU" || message.has(first);
  const field = fields[index];
  if (!isDefined || field === undefined) return undefined;
  room(layer, shape);
  return fill(message.message(field), shape, defaultValue(layer.type, index, message.has(field)));
}

/** How many values a shape has; a Failure where that is too many to fill. A model brings more only by being as large. */
function room(layer: Layer, shape: Shape): number {
  const values = volume(shape);
  const most = limit("filledValues");
  if (values <= most) return values;
  throw new Failure("bad-net", `${layer.name} would be filled with ${count(values)} values; ${count(most)} is the most`, { advice: raising("filledValues", values) });
}

/** Scale starts at 1 and PReLU at 0.25 where the text names no filler. */
function defaultValue(type: string, index: number, isGiven: boolean): number | undefined {
  if (isGiven || index > 0) return undefined;
  return type === "Scale" ? 1 : type === "PReLU" ? 0.25 : undefined;
}

function fill(filler: Message, shape: Shape, otherwise: number | undefined): Float32Array | undefined {
  if (otherwise !== undefined) return new Float32Array(volume(shape)).fill(otherwise);
  const type = filler.text("type") || "constant";
  if (type === "constant") return new Float32Array(volume(shape)).fill(filler.number("value"));
  return type === "bilinear" && shape.length === 4 ? bilinear(shape) : undefined;
}

function bilinear(shape: Shape): Float32Array {
  const width = shape[3]!;
  const f = Math.ceil(width / 2);
  const c = (2 * f - 1 - (f % 2)) / (2 * f);
  return Float32Array.from({ length: volume(shape) }, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width) % shape[2]!;
    return (1 - Math.abs(x / f - c)) * (1 - Math.abs(y / f - c));
  });
}
