import { streamed } from "./caffe-text.ts";
import type { LayerInput, Refusal } from "./definition.ts";

/** The natural logarithm of the `base` that Exp and Log take; -1 stands for e. */
export function logOfBase(base: number): number {
  return base === -1 ? 1 : Math.log(Math.fround(base));
}

/** Why Caffe refuses a base: not above 0, or with a logarithm that is not finite. Source: `exp_layer.cpp`, `log_layer.cpp`. */
export function baseRefusal(layer: LayerInput, param: string): Refusal | undefined {
  const base = Math.fround(layer.message.message(param).number("base"));
  if (base === -1) return undefined;
  const shown = streamed(base);
  if (!(base > 0)) {
    const caffe = `Check failed: base > 0 (${shown} vs. 0) base must be strictly positive.`;
    return { refused: `${layer.name} has base ${shown}; it must be above 0, or -1 for e.`, at: `${param}.base`, caffe };
  }
  if (Number.isFinite(logOfBase(base))) return undefined;
  const caffe = `Check failed: !isinf(log_base) Inf result: log(base) = log(${shown}) = inf`;
  return {
    refused: `${layer.name} has base ${shown}, whose logarithm is infinite. Give a finite base, or -1 for e.`,
    at: `${param}.base`,
    caffe,
  };
}
