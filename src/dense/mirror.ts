/**
 * Where a row or column beyond the edge is seen: the index mirrored at both edges, the edge pixel repeated (numpy's "symmetric").
 *
 * Of 3 rows: -2 -1 | 0 1 2 | 3 4 is 1 0 | 0 1 2 | 2 1. Further out the mirror images repeat without end.
 */
export function mirrored(index: number, size: number): number {
  const period = 2 * size;
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < size ? inPeriod : period - 1 - inPeriod;
}

/** The part of an axis that a window needs, mirrored edges included. */
export interface MirroredSpan {
  /** First row or column needed, and how many from there. */
  readonly start: number;
  readonly length: number;
  /** For each place of the window, which of them it shows. */
  readonly index: Int32Array;
}

/** What the window `[from, from + length)` shows of an axis of `size` rows or columns. */
export function mirroredSpan(from: number, length: number, size: number): MirroredSpan {
  const index = new Int32Array(length);
  let start = size;
  let last = 0;
  for (let i = 0; i < length; i++) {
    const at = mirrored(from + i, size);
    index[i] = at;
    if (at < start) start = at;
    if (at > last) last = at;
  }
  for (let i = 0; i < length; i++) index[i]! -= start;
  return { start, length: last - start + 1, index };
}
