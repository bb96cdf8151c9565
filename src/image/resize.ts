/**
 * The map of `height x width` pixels that samples stand for: sample (i, j) is pixel (i * strideY, j * strideX) exactly, the pixels between are
 * interpolated by cubic convolution (Keys 1981, a = -1/2) and clamped to [0, 1]. Samples beyond the edge repeat the last.
 *
 * `samples` holds `rows x columns` values in rows.
 */
export function bicubicUpsample(samples: Float32Array, rows: number, columns: number, strideY: number, strideX: number, height: number, width: number): Float32Array {
  const across = weights(width, strideX, columns);
  const down = weights(height, strideY, rows);
  const wide = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) sum += across.factors[4 * x + tap]! * samples[row * columns + across.sources[4 * x + tap]!]!;
      wide[row * width + x] = sum;
    }
  }
  const map = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) sum += down.factors[4 * y + tap]! * wide[down.sources[4 * y + tap]! * width + x]!;
      map[y * width + x] = Math.min(1, Math.max(0, sum));
    }
  }
  return map;
}

/** For each pixel of an axis its four sources and their factors. */
function weights(size: number, stride: number, count: number): { sources: Int32Array; factors: Float64Array } {
  const sources = new Int32Array(4 * size);
  const factors = new Float64Array(4 * size);
  for (let at = 0; at < size; at++) {
    const first = Math.floor(at / stride);
    const t = at / stride - first;
    const cubic = [((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t, (0.5 * t - 0.5) * t * t];
    for (let tap = 0; tap < 4; tap++) {
      sources[4 * at + tap] = Math.min(count - 1, Math.max(0, first - 1 + tap));
      factors[4 * at + tap] = cubic[tap]!;
    }
  }
  return { sources, factors };
}
