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
  const down = axis(tile.top, tile.height, stride.height, height, window.top, window.height);
  const across = axis(tile.left, tile.width, stride.width, width, window.left, cols);
  const line = new Float64Array(across.places.length);
  let to = 0;
  for (let y = 0; y < tile.height; y++) {
    const between = Math.floor((tile.top + y) / stride.height);
    const row = between - down.first;
    const r0 = down.places[row]! * cols;
    const r1 = down.places[row + 1]! * cols;
    const r2 = down.places[row + 2]! * cols;
    const r3 = down.places[row + 3]! * cols;
    const part = 4 * (tile.top + y - between * stride.height);
    const a = down.weights[part]!;
    const b = down.weights[part + 1]!;
    const c = down.weights[part + 2]!;
    const d = down.weights[part + 3]!;
    for (let i = 0; i < line.length; i++) {
      const j = across.places[i]!;
      line[i] = a * values[r0 + j]! + b * values[r1 + j]! + c * values[r2 + j]! + d * values[r3 + j]!;
    }
    // Pixels between the same two samples, one group after the other.
    const { weights } = across;
    const end = to + tile.width;
    for (let i = 0, k = 4 * (tile.left - across.first * stride.width); to < end; i++, k = 0) {
      const l0 = line[i]!;
      const l1 = line[i + 1]!;
      const l2 = line[i + 2]!;
      const l3 = line[i + 3]!;
      for (; k < weights.length && to < end; k += 4, to++) {
        const value = weights[k]! * l0 + weights[k + 1]! * l1 + weights[k + 2]! * l2 + weights[k + 3]! * l3;
        out[to] = value < least ? least : value > most ? most : value;
      }
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

/** How pixels lie between samples, along one axis. */
interface Axis {
  /** The sample before the first pixel, or at it. */
  readonly first: number;
  /** Where samples are in the window, from the one before `first` to the second after the last pixel; at the edges the last one again. */
  readonly places: Int32Array;
  /** The weights of the four samples around a pixel: four each for a pixel at the second of them, one after it, ... */
  readonly weights: Float64Array;
}

function axis(start: number, length: number, stride: number, samples: number, from: number, held: number): Axis {
  const first = Math.floor(start / stride);
  const last = Math.floor((start + length - 1) / stride);
  const places = Int32Array.from({ length: last - first + 4 }, (_, i) => {
    const place = Math.min(Math.max(first + i - 1, 0), samples - 1) - from;
    if (place < 0 || place >= held) throw new RangeError(`sample ${place + from} is not at hand`);
    return place;
  });
  const weights = new Float64Array(4 * stride);
  for (let i = 0; i < stride; i++) {
    const t = i / stride;
    weights.set(
      [(((2 - t) * t - 1) * t) / 2, ((3 * t - 5) * t * t + 2) / 2, (((4 - 3 * t) * t + 1) * t) / 2, ((t - 1) * t * t) / 2],
      4 * i,
    );
  }
  return { first, places, weights };
}
