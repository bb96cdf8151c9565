/**
 * A map of `height` x `width` pixels through samples of it: sample (i, j), of `rows` x `cols`, is pixel (i * strideY, j * strideX).
 *
 * Between samples, cubic convolution with a = -1/2 (Catmull-Rom); beyond the first and the last, the edge sample repeated. At the
 * samples it gives exactly them, between them never less than 0 or more than 1, as becomes a probability.
 * Source: R. Keys, "Cubic convolution interpolation for digital image processing", IEEE ASSP 29 (1981).
 */
export function bicubicUpsample(
  samples: Float32Array,
  rows: number,
  cols: number,
  strideY: number,
  strideX: number,
  height: number,
  width: number,
): Float32Array {
  if (samples.length !== rows * cols || samples.length === 0)
    throw new RangeError(`${rows} x ${cols} samples, but ${samples.length} values`);
  const out = new Float32Array(height * width);
  const down = taps(rows, strideY, height);
  const across = taps(cols, strideX, width);
  const line = new Float64Array(cols);
  for (let y = 0, to = 0; y < height; y++) {
    const [r0, r1, r2, r3] = [0, 1, 2, 3].map((k) => down.indices[4 * y + k]! * cols) as [number, number, number, number];
    const [a, b, c, d] = down.weights.subarray(4 * y, 4 * y + 4) as unknown as [number, number, number, number];
    for (let j = 0; j < cols; j++) {
      line[j] = a * samples[r0 + j]! + b * samples[r1 + j]! + c * samples[r2 + j]! + d * samples[r3 + j]!;
    }
    const { indices, weights } = across;
    for (let x = 0, k = 0; x < width; x++, k += 4, to++) {
      const value =
        weights[k]! * line[indices[k]!]! +
        weights[k + 1]! * line[indices[k + 1]!]! +
        weights[k + 2]! * line[indices[k + 2]!]! +
        weights[k + 3]! * line[indices[k + 3]!]!;
      out[to] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
  return out;
}

/** For each of `pixels` places, the four samples around it and their weights. */
function taps(samples: number, stride: number, pixels: number): { indices: Int32Array; weights: Float64Array } {
  const indices = new Int32Array(4 * pixels);
  const weights = new Float64Array(4 * pixels);
  for (let p = 0; p < pixels; p++) {
    const before = Math.floor(p / stride);
    const t = (p - before * stride) / stride;
    for (let k = 0; k < 4; k++) indices[4 * p + k] = Math.min(Math.max(before + k - 1, 0), samples - 1);
    weights.set(
      [(((2 - t) * t - 1) * t) / 2, ((3 * t - 5) * t * t + 2) / 2, (((4 - 3 * t) * t + 1) * t) / 2, ((t - 1) * t * t) / 2],
      4 * p,
    );
  }
  return { indices, weights };
}
