import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import type { RequestFacts } from "../text/partial.ts";
import { count } from "../text/words.ts";
import { writePng } from "./png-encode.ts";
import type { GridRect } from "./resize.ts";
import type { Samples } from "./pyramid.ts";
import { resumeTiledTiff } from "./resumable-tiff.ts";
import { createTiff } from "./write-tiff.ts";

/** A map on its way into a file, in rectangles that come in any order. */
export interface MapWriter {
  /** What is in the file already, of all its tiles; 0 for files that are not kept between runs. */
  readonly kept: number;
  readonly tiles: number;
  /** Whether a rectangle is there already, from an earlier run. */
  has(rect: GridRect): boolean;
  /** Takes the values of a rectangle, row after row. Every pixel comes once, but for those that are there already. Throws a `cannot-write` Failure. */
  put(rect: GridRect, values: Float32Array): Promise<void>;
  /** Completes the file and puts it in its place, once every pixel has come. */
  finish(): Promise<void>;
  /** Gives it up; of a file that can be resumed, what is finished stays. */
  discard(): Promise<void>;
}

/** What a map's file is to be. */
export interface MapOptions {
  readonly width: number;
  readonly height: number;
  /** Of a TIFF; a PNG has bytes, 255 for 1. */
  readonly sampleFormat: "float32" | "uint8";
  /** Micrometres from pixel to pixel. */
  readonly resolution?: number;
  /** What the map is made from, for resuming it: equal only where the map is. */
  readonly request: RequestFacts;
  /** Replaces what is left of another request. */
  readonly replace?: boolean;
}

/** Above so many pixels a TIFF is tiled, has smaller copies for viewers and can be resumed. */
export const TILED_FROM = 2 ** 22;

/** The writer for a map of values in [0, 1]: 8-bit grey for a name in .png, else a TIFF, a BigTIFF pyramid where it is large. */
export async function openMap(path: string, options: MapOptions): Promise<MapWriter> {
  const { width, height } = options;
  if (!/\.tiff?$/i.test(path)) {
    if (width * height > limit("pngPixels")) {
      // It is packed as a whole, and programs read it as a whole.
      const advice = `Name it .tif. ${raising("pngPixels", width * height)}`;
      throw new Failure("bad-request", `a map of ${count(width)} x ${count(height)} is too large for a PNG; the limit is ${count(limit("pngPixels"))} pixels`, { file: path, advice });
    }
    return inMemory(path, options);
  }
  return width * height > TILED_FROM ? tiled(path, options) : strips(path, options);
}

/** A PNG is packed as a whole: the map is in memory until then. */
function inMemory(path: string, { width, height }: MapOptions): MapWriter {
  const map = new Uint8Array(width * height);
  return {
    kept: 0,
    tiles: 0,
    has: () => false,
    put: (rect, values) => {
      copyRows(sampled(values, "uint8"), { ...rect, top: 0, left: 0 }, rect.width, map, rect.top * width + rect.left, width);
      return Promise.resolve();
    },
    finish: () => writePng(path, { width, height, channels: 1, data: map }),
    discard: () => Promise.resolve(),
  };
}

async function strips(path: string, { width, height, sampleFormat, resolution }: MapOptions): Promise<MapWriter> {
  const tiff = await createTiff(path, { width, height, channels: 1, sampleFormat, compression: "none", ...(resolution !== undefined && { resolution }) });
  const write = (_: number, strip: number, data: Samples): Promise<void> => tiff.writeStrip(strip, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const put = collect({ width, height, sampleFormat }, { across: width, down: tiff.rowsPerStrip, has: () => false, write });
  return { kept: 0, tiles: 0, has: () => false, put, finish: () => tiff.finish(), discard: () => tiff.discard() };
}

async function tiled(path: string, { width, height, sampleFormat, resolution, request, replace = false }: MapOptions): Promise<MapWriter> {
  const options = { width, height, channels: 1, sampleFormat, ...(resolution !== undefined && { resolution }) };
  const tiff = await resumeTiledTiff(path, options, request, { replace });
  const { tileSize: side, columns, rows } = tiff;
  const blocks: Blocks = { across: side, down: side, has: (column, row) => tiff.has(column, row), write: (column, row, data) => tiff.writeTile(column, row, data) };
  const hasAll = (rect: GridRect): boolean => {
    for (const { column, row } of blocksOf(rect, blocks)) if (!tiff.has(column, row)) return false;
    return true;
  };
  return {
    kept: tiff.kept,
    tiles: columns * rows,
    has: hasAll,
    put: collect({ width, height, sampleFormat }, blocks),
    finish: () => tiff.finish(),
    discard: () => tiff.discard(),
  };
}

/** What a file keeps together: tiles or strips. */
interface Blocks {
  /** Columns and rows of a block; fewer of it are inside the picture at its right and lower edge. */
  readonly across: number;
  readonly down: number;
  /** Whether one is in the file from an earlier run. */
  readonly has: (column: number, row: number) => boolean;
  /** Takes the pixels of one inside the picture; they may change when the promise is fulfilled. */
  readonly write: (column: number, row: number, data: Samples) => Promise<void>;
}

/** Collects rectangles into blocks, and writes each as soon as it is whole. */
function collect({ width, height, sampleFormat }: Pick<MapOptions, "width" | "height" | "sampleFormat">, blocks: Blocks): MapWriter["put"] {
  const { across, down } = blocks;
  const columns = Math.ceil(width / across);
  /** Blocks some of whose pixels are still to come. */
  const open = new Map<number, { data: Samples; missing: number }>();
  /** What was written may be filled again: memory fresh from the system costs more than what goes into it. */
  const spare: Samples[] = [];
  const dataFor = (area: number): Samples =>
    (area === across * down ? spare.pop() : undefined) ?? (sampleFormat === "float32" ? new Float32Array(area) : new Uint8Array(area));
  return async (rect, values) => {
    const samples = sampled(values, sampleFormat);
    const writes: Promise<void>[] = [];
    for (const { column, row } of blocksOf(rect, blocks)) {
      if (blocks.has(column, row)) continue;
      const [left, top] = [column * across, row * down];
      const inside = { top, left, width: Math.min(across, width - left), height: Math.min(down, height - top) };
      const area = inside.width * inside.height;
      const block = open.get(row * columns + column) ?? { data: dataFor(area), missing: area };
      const part = overlap(rect, inside);
      const to = (part.top - top) * inside.width + part.left - left;
      copyRows(samples, { ...part, top: part.top - rect.top, left: part.left - rect.left }, rect.width, block.data, to, inside.width);
      block.missing -= part.width * part.height;
      if (block.missing > 0) open.set(row * columns + column, block);
      else {
        open.delete(row * columns + column);
        writes.push(blocks.write(column, row, block.data).then(() => {
          if (area === across * down) spare.push(block.data);
        }));
      }
    }
    await Promise.all(writes);
  };
}

function* blocksOf({ top, left, width, height }: GridRect, { across, down }: Pick<Blocks, "across" | "down">): Generator<{ column: number; row: number }> {
  for (let row = Math.floor(top / down); row * down < top + height; row++) {
    for (let column = Math.floor(left / across); column * across < left + width; column++) yield { column, row };
  }
}

function overlap(a: GridRect, b: GridRect): GridRect {
  const [top, left] = [Math.max(a.top, b.top), Math.max(a.left, b.left)];
  return {
    top,
    left,
    height: Math.min(a.top + a.height, b.top + b.height) - top,
    width: Math.min(a.left + a.width, b.left + b.width) - left,
  };
}

/** Values as samples: themselves, or bytes, 255 for 1. */
function sampled(values: Float32Array, format: MapOptions["sampleFormat"]): Samples {
  if (format === "float32") return values;
  return Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}

/** Copies a part of samples whose rows are `width` long to place `to` and on of others whose rows are `toWidth` long. */
function copyRows(from: Samples, part: GridRect, width: number, into: Samples, to: number, toWidth: number): void {
  for (let row = 0; row < part.height; row++) {
    const at = (part.top + row) * width + part.left;
    into.set(from.subarray(at, at + part.width), to + row * toWidth);
  }
}
