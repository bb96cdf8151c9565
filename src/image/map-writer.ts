import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import type { RequestFacts } from "../text/partial.ts";
import { count } from "../text/words.ts";
import { writePng } from "./png-encode.ts";
import type { GridRect } from "./resize.ts";
import { resumeTiledTiff, type ResumableTiff } from "./resumable-tiff.ts";
import { writeTiff } from "./write-tiff.ts";

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

/** Above so many pixels a TIFF is tiled, has smaller copies for viewers, is written as it comes and can be resumed. */
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
    const grey = new Uint8Array(width * height);
    return inMemory(grey, width, () => writePng(path, { width, height, channels: 1, data: grey }));
  }
  if (width * height > TILED_FROM) return tiled(path, options);
  const data = options.sampleFormat === "float32" ? new Float32Array(width * height) : new Uint8Array(width * height);
  const { resolution } = options;
  return inMemory(data, width, () => writeTiff(path, { width, height, channels: 1, data }, resolution === undefined ? {} : { resolution }));
}

function inMemory(map: Float32Array | Uint8Array, width: number, write: () => Promise<void>): MapWriter {
  return {
    kept: 0,
    tiles: 0,
    has: () => false,
    put: (rect, values) => {
      copyRows(sampled(values, map), { ...rect, top: 0, left: 0 }, rect.width, map, rect.top * width + rect.left, width);
      return Promise.resolve();
    },
    finish: write,
    discard: () => Promise.resolve(),
  };
}

async function tiled(path: string, { width, height, sampleFormat, resolution, request, replace = false }: MapOptions): Promise<MapWriter> {
  const options = { width, height, channels: 1, sampleFormat, ...(resolution !== undefined && { resolution }) };
  const tiff = await resumeTiledTiff(path, options, request, { replace });
  const { tileSize, columns, rows } = tiff;
  /** Tiles some of whose pixels are still to come. */
  const open = new Map<number, { data: Float32Array | Uint8Array; missing: number }>();
  const put = async (rect: GridRect, values: Float32Array): Promise<void> => {
    const samples = sampled(values, sampleFormat === "float32" ? new Float32Array(0) : new Uint8Array(0));
    const writes: Promise<void>[] = [];
    for (const { column, row } of tilesOf(rect, tileSize)) {
      if (tiff.has(column, row)) continue;
      const [left, top] = [column * tileSize, row * tileSize];
      const [tileWidth, tileHeight] = [Math.min(tileSize, width - left), Math.min(tileSize, height - top)];
      const area = tileWidth * tileHeight;
      const tile = open.get(row * columns + column) ?? { data: newSamples(sampleFormat, area), missing: area };
      const part = overlap(rect, { top, left, width: tileWidth, height: tileHeight });
      const to = (part.top - top) * tileWidth + part.left - left;
      copyRows(samples, { ...part, top: part.top - rect.top, left: part.left - rect.left }, rect.width, tile.data, to, tileWidth);
      tile.missing -= part.width * part.height;
      if (tile.missing > 0) open.set(row * columns + column, tile);
      else {
        open.delete(row * columns + column);
        writes.push(tiff.writeTile(column, row, tile.data));
      }
    }
    await Promise.all(writes);
  };
  return {
    kept: tiff.kept,
    tiles: columns * rows,
    has: (rect) => hasAll(tiff, rect),
    put,
    finish: () => tiff.finish(),
    discard: () => tiff.discard(),
  };
}

function hasAll(tiff: ResumableTiff, rect: GridRect): boolean {
  for (const { column, row } of tilesOf(rect, tiff.tileSize)) if (!tiff.has(column, row)) return false;
  return true;
}

function* tilesOf({ top, left, width, height }: GridRect, tileSize: number): Generator<{ column: number; row: number }> {
  for (let row = Math.floor(top / tileSize); row * tileSize < top + height; row++) {
    for (let column = Math.floor(left / tileSize); column * tileSize < left + width; column++) yield { column, row };
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

function newSamples(sampleFormat: MapOptions["sampleFormat"], length: number): Float32Array | Uint8Array {
  return sampleFormat === "float32" ? new Float32Array(length) : new Uint8Array(length);
}

/** Values as samples of the kind of `like`: themselves, or bytes, 255 for 1. */
function sampled(values: Float32Array, like: Float32Array | Uint8Array): Float32Array | Uint8Array {
  if (like instanceof Float32Array) return values;
  return Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}

/** Copies a part of samples whose rows are `width` long to place `to` and on of others whose rows are `toWidth` long. */
function copyRows(from: Float32Array | Uint8Array, part: GridRect, width: number, into: Float32Array | Uint8Array, to: number, toWidth: number): void {
  for (let row = 0; row < part.height; row++) {
    const at = (part.top + row) * width + part.left;
    into.set(from.subarray(at, at + part.width), to + row * toWidth);
  }
}
