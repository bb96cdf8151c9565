import type { Region } from "./fill.ts";
import { lead } from "./geometry.ts";
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

/** Where the window whose first output stands for a pixel starts in the image; negative places are mirrored. */
export function windowAt(row: number, column: number, { patch }: Geometry): { top: number; left: number } {
  const before = lead(patch);
  return { top: row - before.height, left: column - before.width };
}

/** Tiles in bands of columns from left to right, each band from top to bottom; a tile belongs to the band it begins in. */
export function inBands(tiles: readonly Region[], width: number): Region[] {
  const band = ({ left }: Region): number => Math.floor(left / width);
  return [...tiles].sort((a, b) => band(a) - band(b));
}
