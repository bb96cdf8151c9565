import { crc32 } from "node:zlib";
import { Failure, fileFailure } from "../text/failure.ts";
import { openPartial, type RequestFacts } from "../text/partial.ts";
import { checkOptions, tiledTiff, TILE_SIZE, type RestoringTiff, type TiledTiff, type TiledTiffOptions } from "./tiled-tiff.ts";

/** A tiled TIFF some of whose tiles may be there from an earlier run; those are not to be written again. */
export interface ResumableTiff extends TiledTiff {
  readonly kept: number;
  has(column: number, row: number): boolean;
}

/**
 * A tiled TIFF as `createTiledTiff` makes it, that can be resumed: what is written stays beside `path` as `NAME.partial` when the process ends, however it ends, and the next call
 * for the same request takes its finished tiles over, each compared with the checksum noted for it. Not compressed, so that the finished
 * file is the same byte for byte. `request` says what the picture is made from.
 */
export async function resumeTiledTiff(
  path: string,
  options: Omit<TiledTiffOptions, "compression">,
  request: RequestFacts,
  settings: { readonly replace?: boolean } = {},
): Promise<ResumableTiff> {
  checkOptions(options);
  const { width, height, channels, sampleFormat, tileSize = TILE_SIZE, pyramid = true } = options;
  const layout = `${width} x ${height} of ${channels} ${sampleFormat} in ${tileSize}${pyramid ? ", pyramid" : ""}`;
  const file = await openPartial(path, { layout, ...request }, settings);
  const kept = new Set<number>();
  const tiff = tiledTiff(path, file, options, (index, bytes) => file.record(`${index} ${crc32(bytes)}`));
  try {
    await restoreTiles(tiff, file.records, kept);
  } catch (cause) {
    await file.discard();
    throw cause instanceof Failure ? cause : fileFailure("cannot-read", file.path, cause);
  }
  return { ...tiff, kept: kept.size, has: (column, row) => kept.has(row * tiff.columns + column) };
}

async function restoreTiles(tiff: RestoringTiff, records: readonly string[], kept: Set<number>): Promise<void> {
  for (const record of records) {
    const [index = NaN, checksum = NaN] = record.split(" ").map(Number);
    if (Number.isInteger(index) && index >= 0 && index < tiff.columns * tiff.rows && !kept.has(index) && (await tiff.restore(index, checksum))) kept.add(index);
  }
}
