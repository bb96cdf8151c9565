import type { Raster, Region } from "../raster.ts";
import { regionAt } from "../raster.ts";

/** A part of a level as a texture. `left`, `top`: where its first texel is in the level. */
export interface Tile extends Region {
  readonly texture: WebGLTexture;
}

/** Side of a tile without its border. WebGL2 promises 2048. */
export const tileSide = 1024;
/** Texels beyond each side of a tile, so that looking a little beyond shows no seams (a contour looks two device pixels far). */
const border = 5;
/** After those of the shader. */
const writingUnit = 4;
/** Tiles kept per raster, beyond which those not just drawn go. */
const kept = 96;

/** The textures of rasters: made when first drawn, brought up to date where pixels were written. */
export interface Textures {
  readonly tile: (raster: Raster, level: number, column: number, row: number) => Tile;
  readonly changed: (raster: Raster, region: Region) => void;
  readonly release: (raster: Raster) => void;
}

interface Entry extends Tile {
  readonly level: number;
  used: number;
}

export function textures(gl: WebGL2RenderingContext): Textures {
  const all = new Map<Raster, Map<string, Entry>>();
  let clock = 0;
  return { tile, changed, release };

  function tile(raster: Raster, level: number, column: number, row: number): Tile {
    const tiles = all.get(raster) ?? new Map<string, Entry>();
    all.set(raster, tiles);
    const key = `${level}/${column}/${row}`;
    const entry = tiles.get(key) ?? create(raster, level, column, row);
    tiles.set(key, entry);
    entry.used = ++clock;
    if (tiles.size > kept) forgetOldest(tiles);
    return entry;
  }

  function create(raster: Raster, level: number, column: number, row: number): Entry {
    const { width, height } = raster.levels[level]!;
    const left = Math.max(column * tileSide - border, 0);
    const top = Math.max(row * tileSide - border, 0);
    const region = {
      left,
      top,
      width: Math.min((column + 1) * tileSide + border, width) - left,
      height: Math.min((row + 1) * tileSide + border, height) - top,
    };
    const entry: Entry = { ...region, level, texture: gl.createTexture(), used: 0 };
    bind(entry.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, raster.samples === 4 ? gl.RGBA8 : gl.R32F, region.width, region.height);
    for (const [name, value] of [
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    ] as const) gl.texParameteri(gl.TEXTURE_2D, name, value);
    upload(raster, entry, region);
    return entry;
  }

  function changed(raster: Raster, region: Region): void {
    for (const entry of all.get(raster)?.values() ?? []) {
      const touched = intersection(regionAt(region, entry.level), entry);
      if (touched !== undefined) {
        bind(entry.texture);
        upload(raster, entry, touched);
      }
    }
  }

  /** Binds a texture for writing, on a unit of its own: tiles are made in the middle of a drawing, whose textures stay where they are. */
  function bind(texture: WebGLTexture): void {
    gl.activeTexture(gl.TEXTURE0 + writingUnit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
  }

  /** Sends a region of a level to the texture that is bound. */
  function upload(raster: Raster, entry: Entry, region: Region): void {
    const { width, data } = raster.levels[entry.level]!;
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, width);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, region.left);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, region.top);
    const [format, type] = raster.samples === 4 ? [gl.RGBA, gl.UNSIGNED_BYTE] : [gl.RED, gl.FLOAT];
    gl.texSubImage2D(gl.TEXTURE_2D, 0, region.left - entry.left, region.top - entry.top, region.width, region.height, format, type, data);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, 0);
  }

  function release(raster: Raster): void {
    for (const { texture } of all.get(raster)?.values() ?? []) gl.deleteTexture(texture);
    all.delete(raster);
  }

  function forgetOldest(tiles: Map<string, Entry>): void {
    const [key, { texture }] = [...tiles].reduce((oldest, each) => (each[1].used < oldest[1].used ? each : oldest));
    gl.deleteTexture(texture);
    tiles.delete(key);
  }
}

/** What two rectangles share, if anything. */
export function intersection(a: Region, b: Region): Region | undefined {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const width = Math.min(a.left + a.width, b.left + b.width) - left;
  const height = Math.min(a.top + a.height, b.top + b.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}
