/** How far two maps are apart. */
export interface Difference {
  /** The largest absolute difference, and the index where it is first met. */
  readonly largest: number;
  readonly at: number;
  readonly mean: number;
}

/** The difference of two maps of the same length. A value that is no number differs infinitely from one that is. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): Difference {
  if (a.length !== b.length) throw new RangeError(`maps of ${a.length} and ${b.length} values`);
  let largest = 0;
  let at = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const apart = Object.is(x, y) ? 0 : Math.abs(x - y);
    const d = Number.isNaN(apart) ? Infinity : apart;
    sum += d;
    if (d > largest) [largest, at] = [d, i];
  }
  return { largest, at, mean: a.length === 0 ? 0 : sum / a.length };
}

/**
 * How well `map >= threshold` covers a mask of the same length (not 0: inside): 2 |A and B| / (|A| + |B|), 1 where both are empty.
 *
 * Source: L. R. Dice, Ecology 26 (1945).
 */
export function dice(map: ArrayLike<number>, threshold: number, mask: ArrayLike<number>): number {
  if (map.length !== mask.length) throw new RangeError(`a map of ${map.length} and a mask of ${mask.length} values`);
  let both = 0;
  let total = 0;
  for (let i = 0; i < map.length; i++) {
    const inMap = map[i]! >= threshold;
    const inMask = mask[i]! !== 0;
    if (inMap && inMask) both++;
    total += Number(inMap) + Number(inMask);
  }
  return total === 0 ? 1 : (2 * both) / total;
}
