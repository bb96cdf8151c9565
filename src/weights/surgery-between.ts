import { differ, isComplete, isKnown, shapesDiffer, volume, type Shape } from "../layers/shape.ts";
import type { BlobRef } from "./weights-file.ts";

/** How the values of one blob become those of another: as they lie, or rows and columns exchanged. */
export type BlobSurgery = "reshape" | "transpose";

/**
 * The surgery that turns a stored blob into a wanted one, or undefined where they are not the same weights.
 *
 * Those of an InnerProduct (`N x K`) are those of a Convolution (`N x C x h x w`, `K = C h w`) in the same order, and the reverse;
 * axes of 1 may come and go; an InnerProduct may be stored transposed. An equal number of values alone proves nothing.
 */
export function surgeryBetween(stored: Shape, wanted: Shape): BlobSurgery | undefined {
  if (!mayHoldAsMany(stored, wanted)) return undefined;
  // A legacy matrix of one row cannot be told from a vector.
  if (stored.length === 1 && wanted.length > 2 && wanted[0] === 1) return "reshape";
  const isMatrix = (shape: Shape): boolean => shape.length === 2;
  if (isMatrix(stored) && isMatrix(wanted)) {
    return shapesDiffer(stored, [wanted[1]!, wanted[0]!]) || !isComplete(wanted) ? undefined : "transpose";
  }
  if (isMatrix(stored) !== isMatrix(wanted) && stored.length >= 2 && wanted.length >= 2 && !differ(stored[0], wanted[0])) return "reshape";
  return isComplete(wanted) && !shapesDiffer(withoutOnes(stored), withoutOnes(wanted)) ? "reshape" : undefined;
}

/** A stored shape as its writer meant it: without the ones that fill a legacy matrix or vector up to four axes. */
export function shownShape(blob: Pick<BlobRef, "shape" | "legacy">): Shape {
  if (!blob.legacy || blob.shape[0] !== 1 || blob.shape[1] !== 1) return blob.shape;
  return blob.shape[2] === 1 ? blob.shape.slice(3) : blob.shape.slice(2);
}

/** True where the shapes hold the same number of values, or could if the unknown dimensions were right. */
function mayHoldAsMany(stored: Shape, wanted: Shape): boolean {
  const known = wanted.filter((dimension) => isKnown(dimension));
  return known.length === wanted.length ? volume(stored) === volume(wanted) : volume(stored) % volume(known) === 0;
}

function withoutOnes(shape: Shape): Shape {
  return shape.filter((dimension) => dimension !== 1);
}
