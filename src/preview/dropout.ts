/** Mean and variance over runs, value by value. */
export interface Spread {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * Follows the mean and the variance of values over several runs; the variance is that of the runs' population estimate, divided by one less than
 * their number, and 0 after a single run.
 *
 * Source: B. P. Welford, Technometrics 4 (1962).
 */
export function followSpread(length: number): (values: Float32Array) => Spread {
  const mean = new Float64Array(length);
  const squares = new Float64Array(length);
  let runs = 0;
  return (values) => {
    runs++;
    for (let i = 0; i < length; i++) {
      const apart = values[i]! - mean[i]!;
      mean[i]! += apart / runs;
      squares[i]! += apart * (values[i]! - mean[i]!);
    }
    const divisor = Math.max(1, runs - 1);
    return { mean: Float32Array.from(mean), variance: Float32Array.from(squares, (sum) => sum / divisor) };
  };
}
