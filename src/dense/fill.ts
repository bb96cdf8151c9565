import type { Extent } from "./geometry.ts";
import { mirroredSpan } from "./mirror.ts";
import { luminance, sourceChannels } from "./preprocess.ts";
import type { ChannelOrder } from "./preprocess.ts";

/** A rectangle of pixels. */
export interface Region extends Extent {
  readonly top: number;
  readonly left: number;
}

/** An image that is read in parts. */
export interface ImageSource extends Extent {
  /** Samples per pixel: 1 or 2 are grey (and alpha), 3 or 4 red, green, blue (and alpha). */
  readonly channels: number;
  /** Set where the pixels are kept in tiles: how wide they are. */
  readonly tileWidth?: number;
  /** The pixels of a region inside the image, interleaved, 8 bits a sample, row after row. */
  read(region: Region): Promise<Uint8Array> | Uint8Array;
}

/**
 * What a window shows of an image: interleaved pixels, `window.height` rows of `window.width`.
 *
 * The window may lie across and beyond the edges, which mirror. Reads the part of the image it needs, once; inside the image, what was
 * read is given as it is.
 */
export async function readWindow(image: ImageSource, window: Region): Promise<Uint8Array> {
  const rows = mirroredSpan(window.top, window.height, image.height);
  const columns = mirroredSpan(window.left, window.width, image.width);
  const region = { top: rows.start, left: columns.start, height: rows.length, width: columns.length };
  const pixels = await image.read(region);
  const { top, left, height, width } = window;
  const isInside = top >= 0 && left >= 0 && top + height <= image.height && left + width <= image.width;
  return isInside ? pixels : arrange(pixels, image.channels, region.width, rows.index, columns.index);
}

/** Pixels rearranged: row i, column j of the result is row `rows[i]`, column `columns[j]` of the pixels, whose rows are `width` long. */
function arrange(pixels: Uint8Array, channels: number, width: number, rows: Int32Array, columns: Int32Array): Uint8Array {
  const line = columns.length * channels;
  const out = new Uint8Array(rows.length * line);
  const runs = runsOf(columns);
  for (const [i, row] of rows.entries()) {
    let at = i * line;
    for (const { from, length } of runs) {
      let first = (row * width + from) * channels;
      // Most columns stand side by side and are copied at once; those beyond an edge go the other way, one by one.
      if (length > 1) out.set(pixels.subarray(first, first + length * channels), at);
      else for (let to = at; to < at + channels; to++) out[to] = pixels[first++]!;
      at += length * channels;
    }
  }
  return out;
}

/** Numbers as runs of neighbours that ascend by one. */
function runsOf(numbers: Int32Array): { readonly from: number; readonly length: number }[] {
  const runs: { from: number; length: number }[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && number === last.from + last.length) last.length++;
    else runs.push({ from: number, length: 1 });
  }
  return runs;
}

/**
 * Fills the input of a net, one plane a channel, with interleaved pixels of `channels` samples.
 *
 * `into` has as many planes as there are `tables`, the values of {@link pixelTables}; its length says how many pixels there are.
 */
export function fillPlanes(
  into: Float32Array, pixels: Uint8Array, channels: number, order: ChannelOrder, tables: readonly Float32Array[],
): void {
  const plane = into.length / tables.length;
  const sources = sourceChannels(order, channels);
  for (let channel = 0; channel < tables.length; channel++) {
    const table = tables[channel]!;
    const to = channel * plane;
    if (sources === undefined) {
      for (let i = 0, at = 0; i < plane; i++, at += channels) into[to + i] = table[luminance(pixels[at]!, pixels[at + 1]!, pixels[at + 2]!)]!;
    } else {
      for (let i = 0, at = sources[channel]!; i < plane; i++, at += channels) into[to + i] = table[pixels[at]!]!;
    }
  }
}
