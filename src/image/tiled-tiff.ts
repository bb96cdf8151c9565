import { crc32 } from "node:zlib";
import type { AtomicFile } from "../text/atomic.ts";
import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import { addToParent, newTile, pyramidLevels } from "./pyramid.ts";
import type { Level, Samples } from "./pyramid.ts";
import type { SampleFormat } from "./tiff-fields.ts";
import type { TileStore } from "./tile-store.ts";
import { tileStore } from "./tile-store.ts";

/** What a tiled TIFF is to be. */
export interface TiledTiffOptions {
  readonly width: number;
  readonly height: number;
  /** 1 grey; 3 of uint8 RGB; of float32 any number. */
  readonly channels: number;
  readonly sampleFormat: SampleFormat;
  /** Side of the square tiles, a multiple of 16; 256 unless told. */
  readonly tileSize?: number;
  readonly compression?: "none" | "deflate";
  /** Micrometres from pixel to pixel. */
  readonly resolution?: number;
  /** Smaller copies for viewers, each half the size of the one before, down to a single tile; made unless told otherwise. */
  readonly pyramid?: boolean;
}

/** A tiled TIFF being written. After a failure the temporary file is gone and every further call fails in the same way. */
export interface TiledTiff {
  readonly columns: number;
  readonly rows: number;
  readonly tileSize: number;
  /**
   * Writes a tile: its pixels inside the picture, row after row, channels interleaved. Tiles come in any order, each at most once;
   * those that never come are 0. `data` may be used again as soon as the promise is fulfilled. Throws a `cannot-write` Failure.
   */
  writeTile(column: number, row: number, data: Float32Array | Uint8Array): Promise<void>;
  /** Completes the file and puts it in its place. */
  finish(): Promise<void>;
  /** Gives it up: nothing is left of it. */
  discard(): Promise<void>;
}

/**
 * A BigTIFF for pictures larger than memory, in tiles and with smaller copies as further pages (reduced-resolution, tiled), in the
 * way QuPath, OpenSlide and Bio-Formats read them.
 *
 * Memory holds the smaller copies' unfinished tiles: for tiles that come row by row, about one row of them. Without compression each
 * tile has its place from the start, so that the file is the same whatever the order. It grows beside `path` and takes its place in
 * `finish`. Throws a `cannot-write` Failure. Source: TIFF 6.0; BigTIFF (Aware Systems).
 */
export async function createTiledTiff(path: string, options: TiledTiffOptions): Promise<TiledTiff> {
  checkOptions(options);
  return tiledTiff(path, await createAtomicFile(path), options, () => Promise.resolve());
}

export const TILE_SIZE = 256;

/** Called when a tile of the first page is in the file. */
export type Written = (index: number, bytes: Uint8Array) => Promise<void>;

/** A tiled TIFF in a file that may hold tiles of an earlier run. */
export interface RestoringTiff extends TiledTiff {
  /** Takes over a tile that is in the file already. */
  restore(index: number, checksum: number): Promise<boolean>;
}

/** The writer over a file that is open already; `written` is told of every tile of the first page that is in it. */
export function tiledTiff(path: string, file: AtomicFile, options: TiledTiffOptions, written: Written): RestoringTiff {
  const { width, height, tileSize = TILE_SIZE, pyramid = true, compression = "none", channels, sampleFormat } = options;
  const levels = pyramidLevels(width, height, tileSize, pyramid);
  const store = tileStore(file.handle, { ...options, compression }, levels, tileSize);
  const unfinished = levels.map(() => new Map<number, { tile: Samples; missing: number }>());
  const { columns, rows } = levels[0]!;
  const came = new Uint8Array(columns * rows);
  const writer: Writer = { path, file, store, levels, tileSize, channels, sampleFormat, unfinished, written, pending: new Set() };
  return {
    columns,
    rows,
    tileSize,
    writeTile: async (column, row, data) => {
      if (!(column >= 0 && row >= 0 && column < columns && row < rows))
        throw new RangeError(`no tile (${column}, ${row}) among ${columns} x ${rows}`);
      const full = wholeTile(writer, column, row, data);
      if (came[row * columns + column] === 1) throw new RangeError(`tile (${column}, ${row}) came twice`);
      came[row * columns + column] = 1;
      await guarded(writer, () => writeTile(writer, 0, row * columns + column, full));
    },
    restore: async (index, checksum) => {
      const tile = newTile(tileSize, channels, sampleFormat);
      const bytes = Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength);
      if (!(await store.read(index, bytes)) || crc32(bytes) !== checksum) return false;
      came[index] = 1;
      await guarded(writer, () => passUp(writer, 0, index, tile));
      return true;
    },
    finish: () => guarded(writer, () => finish(writer)),
    discard: () => file.discard(),
  };
}

interface Writer {
  readonly path: string;
  readonly file: AtomicFile;
  readonly store: TileStore;
  readonly levels: readonly Level[];
  readonly tileSize: number;
  readonly channels: number;
  readonly sampleFormat: SampleFormat;
  /** By level and tile number: tiles of smaller copies some of whose four parts are still to come. */
  readonly unfinished: readonly Map<number, { tile: Samples; missing: number }>[];
  readonly written: Written;
  readonly pending: Set<Promise<void>>;
  failure?: Failure;
}

/** Throws a RangeError for what no TIFF is. */
export function checkOptions({ width, height, channels, sampleFormat, tileSize = TILE_SIZE }: TiledTiffOptions): void {
  if (![width, height, channels].every((n) => Number.isInteger(n) && n > 0) || !(tileSize > 0 && tileSize % 16 === 0)) {
    throw new RangeError(`no TIFF has ${width} x ${height} pixels of ${channels} channels in tiles of ${tileSize}`);
  }
  if (sampleFormat === "uint8" && channels !== 1 && channels !== 3)
    throw new RangeError(`${channels} channels of bytes are neither grey nor RGB`);
}

/** Remembers the first failure, clears up after it, and repeats it. */
async function guarded(writer: Writer, work: () => Promise<void>): Promise<void> {
  if (writer.failure !== undefined) throw writer.failure;
  const promise = work();
  writer.pending.add(promise);
  try {
    await promise;
  } catch (cause) {
    writer.failure ??= cause instanceof Failure ? cause : fileFailure("cannot-write", writer.path, cause);
    await writer.file.discard();
    throw writer.failure;
  } finally {
    writer.pending.delete(promise);
  }
}

/** The pixels of a tile that lie inside the picture, filled up with zeros to a whole tile. */
function wholeTile({ levels, tileSize, channels, sampleFormat }: Writer, column: number, row: number, data: Samples): Samples {
  const { across, down } = insideOf(levels[0]!, tileSize, column, row);
  const tile = newTile(tileSize, channels, sampleFormat);
  const line = across * channels;
  if (data.length !== line * down || data.constructor !== tile.constructor) {
    throw new RangeError(
      `tile (${column}, ${row}) has ${across} x ${down} pixels of ${channels} ${sampleFormat}, not ${data.length} others`,
    );
  }
  for (let y = 0; y < down; y++) tile.set(data.subarray(y * line, (y + 1) * line), y * tileSize * channels);
  return tile;
}

function insideOf({ width, height }: Level, tileSize: number, column: number, row: number): { across: number; down: number } {
  return { across: Math.min(tileSize, width - column * tileSize), down: Math.min(tileSize, height - row * tileSize) };
}

async function writeTile(writer: Writer, level: number, index: number, tile: Samples): Promise<void> {
  const store = async (): Promise<void> => {
    await writer.store.write(level, index, tile);
    if (level === 0) await writer.written(index, Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength));
  };
  await Promise.all([store(), passUp(writer, level, index, tile)]);
}

/** Puts a tile into the smaller copies, and those of their tiles into the file that it completes. */
async function passUp(writer: Writer, level: number, index: number, tile: Samples): Promise<void> {
  const complete = level + 1 < writer.levels.length ? passOn(writer, level, index, tile) : undefined;
  if (complete !== undefined) await writeTile(writer, level + 1, complete.index, complete.tile);
}

/** Puts a tile, at half its size, into the tile of the next level; gives that one when it is complete. */
function passOn(writer: Writer, level: number, index: number, tile: Samples): { index: number; tile: Samples } | undefined {
  const { levels, tileSize, channels, sampleFormat } = writer;
  const { columns, rows } = levels[level]!;
  const [column, row] = [index % columns, Math.floor(index / columns)];
  const [parentColumn, parentRow] = [column >> 1, row >> 1];
  const parentIndex = parentRow * levels[level + 1]!.columns + parentColumn;
  const unfinished = writer.unfinished[level + 1]!;
  const parts = Math.min(2, columns - 2 * parentColumn) * Math.min(2, rows - 2 * parentRow);
  const parent = unfinished.get(parentIndex) ?? { tile: newTile(tileSize, channels, sampleFormat), missing: parts };
  const inside = insideOf(levels[level]!, tileSize, column, row);
  addToParent(parent.tile, tile, { tileSize, channels, ...inside, right: (column & 1) === 1, lower: (row & 1) === 1 });
  parent.missing--;
  if (parent.missing > 0) unfinished.set(parentIndex, parent);
  else unfinished.delete(parentIndex);
  return parent.missing > 0 ? undefined : { index: parentIndex, tile: parent.tile };
}

async function finish(writer: Writer): Promise<void> {
  await Promise.all(writer.pending);
  for (const [level, tiles] of writer.unfinished.entries()) {
    for (const [index, { tile }] of tiles) await writeTile(writer, level, index, tile);
    tiles.clear();
  }
  await writer.store.complete();
  await writer.file.commit();
}
