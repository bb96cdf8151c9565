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

/** Tiles block by block, blocks and the tiles of each row after row; a tile belongs to the block it begins in. */
export function inBlocks(tiles: readonly Region[], { height, width }: Extent): Region[] {
  const row = ({ top }: Region): number => Math.floor(top / height);
  const column = ({ left }: Region): number => Math.floor(left / width);
  return [...tiles].sort((a, b) => row(a) - row(b) || column(a) - column(b));
}
