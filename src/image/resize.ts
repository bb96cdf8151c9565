/** A rectangle of a grid: of pixels, or of samples of them. */
export interface GridRect {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Samples of a map: sample (i, j) is pixel (i * stride.height, j * stride.width). */
export interface SampleGrid {
  /** How many there are in all. */
  readonly height: number;
  readonly width: number;
  readonly stride: { readonly height: number; readonly width: number };
  /** Which of them are at hand, row after row in `values`. May reach over the grid's edges; what lies there is not looked at. */
  readonly window: GridRect;
  readonly values: Float32Array;
}

/**
 * The pixels of `tile` through samples of the map: cubic convolution with a = -1/2 (Catmull-Rom); beyond the first and the last sample,
 * the edge sample repeated.
 *
 * At the samples it gives exactly them, between them never less or more than `bounds`, as becomes a probability. The window must hold
 * {@link samplesAround} the tile. Source: R. Keys, "Cubic convolution interpolation for digital image processing", IEEE ASSP 29 (1981).
 */
export function bicubicUpsample({ height, width, stride, window, values }: SampleGrid, tile: GridRect, [least, most]: readonly [number, number] = [0, 1]): Float32Array {
  const { width: cols } = window;
  if (values.length !== window.height * cols || values.length === 0)
    throw new RangeError(`${window.height} x ${cols} samples, but ${values.length} values`);
  const out = new Float32Array(tile.height * tile.width);
  const down = taps(tile.top, tile.height, stride.height, height, window.top, window.height);
  const across = taps(tile.left, tile.width, stride.width, width, window.left, cols);
  const line = new Float64Array(cols);
  for (let y = 0, to = 0; y < tile.height; y++) {
    const [r0, r1, r2, r3] = [0, 1, 2, 3].map((k) => down.indices[4 * y + k]! * cols) as [number, number, number, number];
    const [a, b, c, d] = down.weights.subarray(4 * y, 4 * y + 4) as unknown as [number, number, number, number];
    for (let j = 0; j < cols; j++) {
      line[j] = a * values[r0 + j]! + b * values[r1 + j]! + c * values[r2 + j]! + d * values[r3 + j]!;
    }
    const { indices, weights } = across;
    for (let x = 0, k = 0; x < tile.width; x++, k += 4, to++) {
      const value =
        weights[k]! * line[indices[k]!]! +
        weights[k + 1]! * line[indices[k + 1]!]! +
        weights[k + 2]! * line[indices[k + 2]!]! +
        weights[k + 3]! * line[indices[k + 3]!]!;
      out[to] = value < least ? least : value > most ? most : value;
    }
  }
  return out;
}

/** The samples that the pixels of a tile are interpolated from, two on every side of each; some may lie beyond the grid. */
export function samplesAround(tile: GridRect, stride: { readonly height: number; readonly width: number }): GridRect {
  const top = Math.floor(tile.top / stride.height) - 1;
  const left = Math.floor(tile.left / stride.width) - 1;
  return {
    top,
    left,
    height: Math.floor((tile.top + tile.height - 1) / stride.height) + 3 - top,
    width: Math.floor((tile.left + tile.width - 1) / stride.width) + 3 - left,
  };
}

/** For each of `length` pixels from `start` on, the places in the window of the four samples around it, and their weights. */
function taps(
  start: number,
  length: number,
  stride: number,
  samples: number,
  first: number,
  held: number,
): { indices: Int32Array; weights: Float64Array } {
  const indices = new Int32Array(4 * length);
  const weights = new Float64Array(4 * length);
  for (let i = 0; i < length; i++) {
    const before = Math.floor((start + i) / stride);
    const t = (start + i - before * stride) / stride;
    for (let k = 0; k < 4; k++) {
      const index = Math.min(Math.max(before + k - 1, 0), samples - 1) - first;
      if (index < 0 || index >= held) throw new RangeError(`sample ${index + first} is not at hand`);
      indices[4 * i + k] = index;
    }
    weights.set(
      [(((2 - t) * t - 1) * t) / 2, ((3 * t - 5) * t * t + 2) / 2, (((4 - 3 * t) * t + 1) * t) / 2, ((t - 1) * t * t) / 2],
      4 * i,
    );
  }
  return { indices, weights };
}
