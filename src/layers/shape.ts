/**
 * The shape of a blob or a weight: its dimensions, outermost first; `[]` is a scalar.
 *
 * An unknown dimension is `NaN`: arithmetic carries it along, `<` and `>` are false for it. Rules refuse only on what is surely wrong,
 * so they compare with `<`, `>`, {@link differ} and {@link indivisible}, never with `!==`.
 */
export type Shape = readonly number[];

/** The dimension that is not known. */
export const UNKNOWN = NaN;

export function isKnown(dimension: number): boolean {
  return !Number.isNaN(dimension);
}

/** True where all dimensions are known. */
export function isComplete(shape: Shape | undefined): shape is Shape {
  return shape !== undefined && shape.every(isKnown);
}

/** True where both dimensions are known and not the same. */
export function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && isKnown(a) && isKnown(b) && a !== b;
}

/** True where both numbers are known and `b` does not divide `a`. */
export function indivisible(a: number, b: number): boolean {
  return isKnown(a) && isKnown(b) && a % b !== 0;
}

/** True where the shapes surely differ, in rank or in a known dimension. */
export function shapesDiffer(a: Shape, b: Shape): boolean {
  return a.length !== b.length || a.some((dimension, i) => differ(dimension, b[i]));
}

/** The number of values of the axes `[from, to)`; 1 where there is no axis, `NaN` where a dimension is unknown. */
export function volume(shape: Shape, from = 0, to = shape.length): number {
  let product = 1;
  for (let axis = from; axis < to; axis++) product *= shape[axis]!;
  return product;
}

/** An axis counted from the front, as Caffe's `CanonicalAxisIndex`; undefined where it lies outside `[-rank, rank)`. */
export function canonicalAxis(axis: number, rank: number): number | undefined {
  if (axis < -rank || axis >= rank) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** A shape in words: `32 x 6 x 6`, unknown dimensions as `?`; `scalar` for no axes. `batch: "hide"` leaves a first dimension of 1 out. */
export function shapeText(shape: Shape | undefined, batch: "show" | "hide" = "show"): string {
  if (shape === undefined) return "?";
  const dimensions = batch === "hide" && shape.length > 1 && shape[0] === 1 ? shape.slice(1) : shape;
  return dimensions.length === 0 ? "scalar" : dimensions.map((d) => (isKnown(d) ? String(d) : "?")).join(" x ");
}
