import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { count } from "../text/words.ts";
import type { Emitter } from "./emitter.ts";
import type { Shape } from "./shape.ts";

/** Element types of ONNX, as the `to` of Cast takes them. Source: `TensorProto.DataType`. */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** A scalar constant. */
export function scalar(emit: Emitter, value: number): string {
  return emit.floats([value], []);
}

/** The value times a number; the value itself for 1. */
export function times(emit: Emitter, value: string, factor: number): string {
  return factor === 1 ? value : emit.node("Mul", [value, scalar(emit, factor)]);
}

/** The value plus a number; the value itself for 0. */
export function plus(emit: Emitter, value: string, term: number): string {
  return term === 0 ? value : emit.node("Add", [value, scalar(emit, term)]);
}

/** A number in every place of a value, whatever the value holds. */
export function filled(emit: Emitter, like: string, value: number): string {
  return emit.node("Expand", [scalar(emit, value), emit.node("Shape", [like])]);
}

/** The sum of all values, as a scalar. */
export function sumAll(emit: Emitter, value: string): string {
  return emit.node("ReduceSum", [value], { keepdims: 0 });
}

/** The sum along one axis, which goes. */
export function sumAlong(emit: Emitter, value: string, axis: number): string {
  return emit.node("ReduceSum", [value, emit.ints([axis])], { keepdims: 0 });
}

/** True as 1, false as 0. */
export function asFloat(emit: Emitter, value: string): string {
  return emit.node("Cast", [value], { to: FLOAT });
}

/** The numbers 0 to n - 1 as int64 of a shape. */
export function range(emit: Emitter, n: number, shape: Shape): string {
  return emit.ints(Array.from({ length: n }, (_, i) => i), shape);
}

/** Throws a Failure where `what` of a layer would be a constant of too many values: a text of a few lines could ask for any number. */
export function checkConstant(what: string, values: number): void {
  const most = limit("constantValues");
  if (values <= most) return;
  throw new Failure("bad-net", `${what} would be a constant of ${count(values)} values; ${count(most)} is the most that is written`, { advice: raising("constantValues", values) });
}
