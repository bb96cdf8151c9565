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

/** Takes a pixel's former value out and puts its new one in; those not computed do not count. */
export function recount(counts: Histogram, before: number, now: number): void {
  if (known(before)) {
    counts.bins[binOf(counts, before)]!--;
    counts.total--;
  }
  if (known(now)) {
    counts.bins[binOf(counts, now)]!++;
    counts.total++;
  }
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

function binOf({ low, high, bins }: Histogram, value: number): number {
  const at = Math.floor(((value - low) / (high - low)) * bins.length);
  return at < 0 ? 0 : at < bins.length ? at : bins.length - 1;
}
