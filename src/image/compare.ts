/** The largest and the mean absolute difference of two maps of one size. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): { largest: number; mean: number } {
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    // NaN anywhere is the largest difference there can be.
    largest = d > largest || Number.isNaN(d) ? (Number.isNaN(d) ? NaN : d) : largest;
    sum += d;
  }
  return { largest, mean: a.length === 0 ? 0 : sum / a.length };
}

/** The Dice coefficient of a map at a threshold against a mask (non-zero counts): 2 |A and B| / (|A| + |B|); 1 where both are empty. */
export function dice(map: ArrayLike<number>, mask: ArrayLike<number>, threshold = 0.5): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < map.length; i++) {
    const inMap = map[i]! >= threshold;
    const inMask = mask[i]! !== 0;
    if (inMap && inMask) both++;
    either += Number(inMap) + Number(inMask);
  }
  return either === 0 ? 1 : (2 * both) / either;
}
