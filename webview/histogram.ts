import { known } from "./raster.ts";

/** How often values occur: `bins` equal stretches from `low` to `high`, values beyond them in the first and last. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly bins: Uint32Array;
  /** Values counted. */
  total: number;
}

/** A thousand bins: a threshold in thousandths of the range falls between two of them. */
export function histogram(low: number, high: number, bins = 1000): Histogram {
  return { low, high, bins: new Uint32Array(bins), total: 0 };
}

/** No values. */
export const nothing = new Float32Array(0);

/** Takes the former values of some pixels out and puts their new ones in; those not computed do not count. */
export function recount(counts: Histogram, before: Float32Array, now: Float32Array): void {
  counts.total += count(counts, now, 1) - count(counts, before, -1);
}

/** Adds `by` to the bin of every value, and gives how many there are. */
function count({ low, high, bins }: Histogram, values: Float32Array, by: 1 | -1): number {
  const range = high - low;
  const { length } = bins;
  let counted = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!known(value)) continue;
    const at = Math.floor(((value - low) / range) * length);
    bins[at < 0 ? 0 : at < length ? at : length - 1]! += by;
    counted++;
  }
  return counted;
}

/** The part of the counted values that is at least `threshold`, 0..1; NaN where nothing is counted. */
export function partAbove({ low, high, bins, total }: Histogram, threshold: number): number {
  const first = Math.round(((threshold - low) / (high - low)) * bins.length);
  let above = 0;
  for (let i = Math.max(first, 0); i < bins.length; i++) above += bins[i]!;
  return above / total;
}

/** Heights 0..1 of `count` bars: logarithms of the counts, or a large background would hide everything else. */
export function bars({ bins }: Histogram, count: number): number[] {
  const sums = Array.from({ length: count }, () => 0);
  for (const [i, n] of bins.entries()) sums[Math.floor((i * count) / bins.length)]! += n;
  const most = Math.max(...sums);
  return sums.map((sum) => (most > 0 ? Math.log1p(sum) / Math.log1p(most) : 0));
}
