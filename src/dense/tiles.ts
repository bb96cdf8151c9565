import type { Region } from "./fill.ts";
import { inputFor, lead, outputsOf } from "./geometry.ts";
import type { Extent, Geometry } from "./geometry.ts";

/** The tiles of one size that cover a map, row after row; those at the right and bottom end with the map. */
export function cover(map: Extent, tile: Extent): Region[] {
  const tiles: Region[] = [];
  for (let top = 0; top < map.height; top += tile.height) {
    for (let left = 0; left < map.width; left += tile.width) {
      tiles.push({ top, left, height: Math.min(tile.height, map.height - top), width: Math.min(tile.width, map.width - left) });
    }
  }
  return tiles;
}

/**
 * The input size for a fixed-size net with which tiles cover a map with the least waste.
 *
 * `outputs` is how many outputs the tiles together have to give per axis, `limit` the largest input wanted (at least the patch is given).
 * A net run at this size gives whole patches only: none of its pooling windows hangs over an edge unless it does on the patch too.
 */
export function fitTile(outputs: Extent, geometry: Geometry, limit: Extent): Extent {
  const most = outputsOf(limit, geometry);
  const even = (needed: number, atMost: number): number => Math.ceil(needed / Math.ceil(needed / Math.max(1, atMost)));
  return inputFor({ height: even(outputs.height, most.height), width: even(outputs.width, most.width) }, geometry);
}

/** Where the window whose first output stands for a pixel starts in the image; negative places are mirrored. */
export function windowAt(row: number, column: number, { patch }: Geometry): { top: number; left: number } {
  const before = lead(patch);
  return { top: row - before.height, left: column - before.width };
}
