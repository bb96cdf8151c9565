import type { PictureSource } from "./picture-source.ts";
import type { GridRect } from "./resize.ts";

/** Where an image shows more than white background, found on a small copy of it. */
export interface TissueMask {
  /** Columns and rows of the small copy, and how many pixels of the image each of its pixels is wide and high. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** 1 for tissue, row after row. */
  readonly mask: Uint8Array;
  /** Whether any of a rectangle of the image may be tissue. */
  has(rect: GridRect): boolean;
}

/**
 * The tissue mask of a bright-field image: what stands out from a white background.
 *
 * On a copy of at most {@link SIDE} pixels a side, a pixel's distance from white is 255 less its darkest channel, which stains raise as
 * darkness does. Otsu's threshold parts the distances in two. Where the whiter part is not near white, there is no background, and
 * everything is tissue: dense sections, fluorescence. A rectangle has tissue where any pixel that it or its neighbours touch has.
 * Reads the whole picture once, in bands. Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE SMC 9 (1979).
 */
export async function tissueMask(picture: Pick<PictureSource, "width" | "height" | "channels" | "read">): Promise<TissueMask> {
  const { width, height, scale, distances } = await overview(picture);
  const threshold = thresholdOf(distances);
  const mask = Uint8Array.from(distances, (distance) => (distance > threshold ? 1 : 0));
  const has = ({ top, left, height: rows, width: columns }: GridRect): boolean => {
    const [y0, y1] = [Math.max(0, Math.floor(top / scale) - 1), Math.min(height - 1, Math.floor((top + rows - 1) / scale) + 1)];
    const [x0, x1] = [Math.max(0, Math.floor(left / scale) - 1), Math.min(width - 1, Math.floor((left + columns - 1) / scale) + 1)];
    for (let y = y0; y <= y1; y++) if (mask.subarray(y * width + x0, y * width + x1 + 1).includes(1)) return true;
    return false;
  };
  return { width, height, scale, mask, has };
}

/** Largest side of the small copy. */
const SIDE = 1024;

/** Rows and columns read at a time, about. */
const BAND = 1024;

interface Overview {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** How far each pixel of the copy is from white, 0..255. */
  readonly distances: Uint8Array;
}

async function overview(picture: Pick<PictureSource, "width" | "height" | "channels" | "read">): Promise<Overview> {
  const { channels } = picture;
  const scale = Math.ceil(Math.max(picture.width, picture.height) / SIDE);
  const [width, height] = [Math.ceil(picture.width / scale), Math.ceil(picture.height / scale)];
  const step = Math.max(1, Math.floor(BAND / scale)) * scale;
  const distances = new Uint8Array(width * height);
  for (let top = 0; top < picture.height; top += step) {
    for (let left = 0; left < picture.width; left += step) {
      const rect = { top, left, height: Math.min(step, picture.height - top), width: Math.min(step, picture.width - left) };
      const pixels = await picture.read(rect);
      for (let y = 0; y < rect.height; y += scale) {
        for (let x = 0; x < rect.width; x += scale) {
          const cell = { y, x, down: Math.min(scale, rect.height - y), across: Math.min(scale, rect.width - x) };
          distances[((top + y) / scale) * width + (left + x) / scale] = 255 - darkestMean(pixels, rect.width, channels, cell);
        }
      }
    }
  }
  return { width, height, scale, distances };
}

/** The mean of the channel of a cell whose mean is least. */
function darkestMean(pixels: Uint8Array, width: number, channels: number, cell: { y: number; x: number; down: number; across: number }): number {
  let darkest = Infinity;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let y = cell.y; y < cell.y + cell.down; y++) {
      for (let i = (y * width + cell.x) * channels + c, end = i + cell.across * channels; i < end; i += channels) sum += pixels[i]!;
    }
    darkest = Math.min(darkest, sum / (cell.down * cell.across));
  }
  return Math.round(darkest);
}

/** Distance from white up to which a background's mean may be: scanners' white is 215 to 255. */
const NEAR_WHITE = 40;

/** Two parts whose means are nearer than this are one: noise and compression of a background. */
const APART = 16;

/** The distance up to which pixels are background; less than any where there is no background. */
function thresholdOf(distances: Uint8Array): number {
  const histogram = new Float64Array(256);
  for (const distance of distances) histogram[distance]!++;
  const sums = histogram.map((pixels, distance) => pixels * distance);
  const [pixels, sum] = [distances.length, sums.reduce((a, b) => a + b, 0)];
  let [threshold, best, lower, lowerSum, whiter, apart] = [255, -1, 0, 0, sum / pixels, 0];
  for (let t = 0; t < 255; t++) {
    lower += histogram[t]!;
    lowerSum += sums[t]!;
    if (lower === 0 || lower === pixels) continue;
    const gap = (sum - lowerSum) / (pixels - lower) - lowerSum / lower;
    const between = lower * (pixels - lower) * gap * gap;
    if (between > best) [threshold, best, whiter, apart] = [t, between, lowerSum / lower, gap];
  }
  if (apart < APART) return sum / pixels > NEAR_WHITE ? -1 : 255;
  return whiter > NEAR_WHITE ? -1 : threshold;
}
