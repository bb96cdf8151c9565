import type { Region } from "../dense/fill.ts";
import type { Method } from "../dense/plan.ts";
import { inBlocks } from "../dense/tiles.ts";
import type { MapWriter } from "../image/map-writer.ts";
import { runTiles } from "./run-map.ts";
import { loadMap, type Layout, type SegmentRequest } from "./segment.ts";

/** What became of the tiles of a map. */
export interface StreamReport {
  readonly tiles: number;
  /** Taken over from an earlier run. */
  readonly kept: number;
  /** Background, 0 in the map. */
  readonly skipped: number;
  /** Time in the net itself, in seconds. */
  readonly seconds: number;
}

/** What may be asked of a stream. */
export interface StreamOptions {
  /** Tells tiles that need not be computed: their map is 0. */
  readonly isBackground?: (tile: Region) => boolean;
  /** Sees every tile that is computed, after it was written. */
  readonly onTile?: (tile: Region, values: Float32Array) => void;
}

/**
 * Computes the map of an image into a writer, tile by tile, and completes the file. Memory does not grow with the image.
 *
 * Tiles that the writer has are left alone. When it fails or is cancelled the writer is given up, which keeps the finished tiles of a file
 * that can be resumed.
 */
export async function streamMap(
  request: SegmentRequest, method: Method, layout: Layout, writer: MapWriter, options: StreamOptions = {},
): Promise<StreamReport> {
  try {
    const { map, plan, close } = await loadMap(request, method, layout);
    try {
      const missing = plan.tiles.filter((tile) => !writer.has(tile));
      const skipped = missing.filter((tile) => options.isBackground?.(tile) === true);
      for (const tile of skipped) await writer.put(tile, new Float32Array(tile.height * tile.width));
      const background = new Set(skipped);
      const wanted = inBlocks(missing.filter((tile) => !background.has(tile)), request.image.tileWidth === undefined ? BLOCK.strips : BLOCK.tiled);
      const take = async (tile: Region, values: Float32Array): Promise<void> => {
        await writer.put(tile, values);
        options.onTile?.(tile, values);
      };
      const seconds = await runTiles(map, plan, take, wanted);
      await writer.finish();
      return { tiles: plan.tiles.length, kept: plan.tiles.length - missing.length, skipped: skipped.length, seconds };
    } finally {
      await close();
    }
  } catch (cause) {
    await writer.discard();
    throw cause;
  }
}

/** What the tiles of a block share of the image and of the map's file stays in bounded memory. Strips are read once for every column of blocks. */
const BLOCK = { tiled: { height: 4096, width: 4096 }, strips: { height: Infinity, width: 16_384 } };
