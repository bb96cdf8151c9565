import { elementCount, type OnnxNode, type OnnxTensor } from "../model.ts";
import type { GraphFacts } from "./pass.ts";

/** A node that gives `scale * x + shift`, with numbers of each channel. */
export interface ChannelAffine {
  /** The value it reads. */
  readonly value: string;
  /** One number for all channels, or one for each. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** What a BatchNormalization, Mul, Add, Sub or Div with constants does to each channel of N x C x H x W; undefined for other nodes. */
export function channelAffine(node: OnnxNode, facts: GraphFacts): ChannelAffine | undefined {
  if (node.opType === "BatchNormalization") return normalisation(node, facts);
  const [left, right] = node.inputs as [string, string];
  if (right === undefined || !["Mul", "Add", "Sub", "Div"].includes(node.opType)) return undefined;
  const isLeft = facts.constants.has(left);
  const numbers = perChannel(facts.constants.get(isLeft ? left : right));
  if (numbers === undefined || (isLeft && node.opType === "Div")) return undefined;
  const [value, one, zero] = [isLeft ? right : left, Float64Array.of(1), Float64Array.of(0)];
  // A value of one channel would become one of many.
  if (numbers.length > 1 && facts.channels(value) !== numbers.length) return undefined;
  switch (node.opType) {
    case "Mul":
      return { value, scale: numbers, shift: zero };
    case "Div":
      return { value, scale: numbers.map((x) => 1 / x), shift: zero };
    case "Add":
      return { value, scale: one, shift: numbers };
    default:
      return isLeft ? { value, scale: Float64Array.of(-1), shift: numbers } : { value, scale: one, shift: numbers.map((x) => -x) };
  }
}

/** The number of a channel. */
export function ofChannel(numbers: Float64Array, channel: number): number {
  return numbers[numbers.length === 1 ? 0 : channel]!;
}

function normalisation(node: OnnxNode, { constants }: GraphFacts): ChannelAffine | undefined {
  const [scale, bias, mean, variance] = node.inputs.slice(1, 5).map((name) => constants.get(name)?.data as Float32Array | undefined);
  if (scale === undefined || bias === undefined || mean === undefined || variance === undefined) return undefined;
  const epsilon = node.attributes["epsilon"];
  const eps = epsilon?.kind === "float" ? epsilon.value : 1e-5;
  const factors = Float64Array.from(scale, (x, i) => x / Math.sqrt(variance[i]! + eps));
  return { value: node.inputs[0]!, scale: factors, shift: factors.map((factor, i) => bias[i]! - factor * mean[i]!) };
}

/** The numbers of a constant that is the same in all rows and columns. */
function perChannel(tensor: OnnxTensor | undefined): Float64Array | undefined {
  if (tensor?.type !== "float32" || tensor.shape.length > 4) return undefined;
  const { shape } = tensor;
  const isChannels = shape.every((size, i) => size === 1 || shape.length - i === 3);
  return isChannels && elementCount(shape) > 0 ? Float64Array.from(tensor.data as Float32Array) : undefined;
}
