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
  /** The pixels of a region inside the image, interleaved, 8 bits a sample, row after row. */
  read(region: Region): Promise<Uint8Array> | Uint8Array;
}

/**
 * Fills the input of a net, channel planes of `window.height` x `window.width`, with what a window shows of an image.
 *
 * The window may lie across and beyond the edges, which mirror. `into` takes the planes from its start;
 * `tables` are the values of {@link pixelTables}. Reads the part of the image it needs, once.
 */
export async function fillWindow(
  into: Float32Array, image: ImageSource, window: Region, order: ChannelOrder, tables: readonly Float32Array[],
): Promise<void> {
  const rows = mirroredSpan(window.top, window.height, image.height);
  const columns = mirroredSpan(window.left, window.width, image.width);
  const region = { top: rows.start, left: columns.start, height: rows.length, width: columns.length };
  const pixels = await image.read(region);
  fillPlanes(into, pixels, image.channels, region.width, rows.index, columns.index, order, tables);
}

/**
 * Fills channel planes from interleaved pixels: row i, column j of a plane shows row `rows[i]`, column `columns[j]` of the pixels.
 *
 * `width` is that of a row of the pixels. One pass over the output, in its order.
 */
export function fillPlanes(
  into: Float32Array, pixels: Uint8Array, channels: number, width: number,
  rows: Int32Array, columns: Int32Array, order: ChannelOrder, tables: readonly Float32Array[],
): void {
  const plane = rows.length * columns.length;
  const offsets = columns.map((column) => column * channels);
  const sources = sourceChannels(order, channels);
  for (let channel = 0; channel < tables.length; channel++) {
    const table = tables[channel]!;
    let at = channel * plane;
    for (const row of rows) {
      const start = row * width * channels;
      if (sources === undefined) at = fillGreyRow(into, at, pixels, start, offsets, table);
      else at = fillRow(into, at, pixels, start + sources[channel]!, offsets, table);
    }
  }
}

function fillRow(into: Float32Array, at: number, pixels: Uint8Array, start: number, offsets: Int32Array, table: Float32Array): number {
  for (let j = 0; j < offsets.length; j++) into[at + j] = table[pixels[start + offsets[j]!]!]!;
  return at + offsets.length;
}

function fillGreyRow(into: Float32Array, at: number, pixels: Uint8Array, start: number, offsets: Int32Array, table: Float32Array): number {
  for (let j = 0; j < offsets.length; j++) {
    const pixel = start + offsets[j]!;
    into[at + j] = table[luminance(pixels[pixel]!, pixels[pixel + 1]!, pixels[pixel + 2]!)]!;
  }
  return at + offsets.length;
}
