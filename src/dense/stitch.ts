import type { Region } from "./fill.ts";
import type { Extent } from "./geometry.ts";
import type { Place } from "./plan.ts";

/** One channel plane of a net's output: `data[offset + i * width + j]` is output (i, j). */
export interface OutputPlane extends Extent {
  readonly data: Float32Array;
  readonly offset: number;
}

/**
 * Puts outputs into the values of a tile: output (i, j) goes to `target` + (i, j) * `step`.
 *
 * What falls beyond the tile is dropped: tiles at the edge of a map are smaller than what the net gives.
 */
export function placeOutputs(values: Float32Array, tile: Extent, plane: OutputPlane, target: Place, step: Extent): void {
  const rows = Math.min(plane.height, Math.ceil((tile.height - target.row) / step.height));
  const columns = Math.min(plane.width, Math.ceil((tile.width - target.column) / step.width));
  for (let i = 0; i < rows; i++) {
    const from = plane.offset + i * plane.width;
    let to = (target.row + i * step.height) * tile.width + target.column;
    if (step.width === 1) {
      values.set(plane.data.subarray(from, from + columns), to);
      continue;
    }
    for (let j = 0; j < columns; j++, to += step.width) values[to] = plane.data[from + j]!;
  }
}

/** Copies the values of a tile to their place in the map. */
export function pasteTile(map: Float32Array, extent: Extent, tile: Region, values: Float32Array): void {
  for (let row = 0; row < tile.height; row++) {
    const from = row * tile.width;
    map.set(values.subarray(from, from + tile.width), (tile.top + row) * extent.width + tile.left);
  }
}
