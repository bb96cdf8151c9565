import type { Histogram } from "./histogram.ts";
import { histogram, nothing, recount } from "./histogram.ts";
import type { MapKind, Tile, ToWebview } from "./messages.ts";
import type { Raster, Region } from "./raster.ts";
import { known, mapRaster, pictureRaster, writeOverview, writePixels, writeValues } from "./raster.ts";
import { bicubicUpsample } from "../src/image/resize.ts";

/** A map's values and their histogram. */
export interface MapPicture {
  readonly raster: Raster<Float32Array>;
  readonly run: number;
  readonly classIndex: number;
  counts: Histogram;
  /** Grows with every tile. */
  version: number;
}

/** The pixels of the preview: too large for the model, written in place as messages bring them. */
export interface Pictures {
  picture?: Raster<Uint8Array>;
  readonly maps: Partial<Record<MapKind, MapPicture>>;
}

/** What a message did to the pixels, for a renderer. */
export interface Written {
  readonly changed?: { readonly raster: Raster; readonly region: Region };
  readonly released: readonly Raster[];
}

/** Takes the pixels out of a message. */
export function receive(pictures: Pictures, message: ToWebview): Written {
  switch (message.type) {
    case "image": {
      const released = [pictures.picture, ...Object.values(pictures.maps).map(({ raster }) => raster)].filter((raster) => raster !== undefined);
      for (const kind of Object.keys(pictures.maps) as MapKind[]) Reflect.deleteProperty(pictures.maps, kind);
      pictures.picture = pictureRaster(message.width, message.height);
      return { released };
    }
    case "imageOverview": {
      const raster = pictures.picture;
      if (raster === undefined) return { released: [] };
      writeOverview(raster, message.factor, new Uint8Array(message.pixels.buffer, message.pixels.byteOffset, message.pixels.byteLength));
      return { released: [], changed: { raster, region: { left: 0, top: 0, width: raster.width, height: raster.height } } };
    }
    case "imageBand": {
      const raster = pictures.picture;
      if (raster === undefined) return { released: [] };
      const region = { left: 0, top: message.top, width: raster.width, height: message.height };
      writePixels(raster, region, new Uint8Array(message.pixels.buffer, message.pixels.byteOffset, message.pixels.byteLength));
      return { released: [], changed: { raster, region } };
    }
    case "map":
      return { released: begin(pictures, message) };
    case "tile":
      return writeTile(pictures, message);
    default:
      return { released: [] };
  }
}

/** A map's value at a pixel, or undefined where it is not computed. */
export function valueAt(map: MapPicture | undefined, x: number, y: number): number | undefined {
  const level = map?.raster.levels[0];
  if (level === undefined || x < 0 || y < 0 || x >= level.width || y >= level.height) return undefined;
  const value = level.data[y * level.width + x]!;
  return known(value) ? value : undefined;
}

function begin(pictures: Pictures, message: Extract<ToWebview, { type: "map" }>): Raster[] {
  const { kind, run, width, height, classIndex, range } = message;
  const before = pictures.maps[kind];
  const [low, high] = range ?? [0, 1];
  const counts = histogram(low, high > low ? high : low + 1);
  if (before?.run === run && before.raster.width === width && before.raster.height === height) {
    // Another class of the same run: its tiles come at once, so the old ones stay until they are overwritten and nothing flickers.
    recount(counts, nothing, before.raster.levels[0]!.data);
    pictures.maps[kind] = { ...before, classIndex, counts, version: before.version + 1 };
    return [];
  }
  pictures.maps[kind] = { raster: mapRaster(width, height), run, classIndex, counts, version: (before?.version ?? 0) + 1 };
  return before === undefined ? [] : [before.raster];
}

function writeTile(pictures: Pictures, tile: Extract<ToWebview, { type: "tile" }>): Written {
  const { kind, run, left, top, width, height } = tile;
  const map = pictures.maps[kind];
  // A tile of a run that was cancelled may still be under way.
  if (map?.run !== run) return { released: [] };
  const region = { left, top, width, height };
  writeValues(map.raster, region, tilePixels(tile), (before, now) => { recount(map.counts, before, now); });
  map.version++;
  return { released: [], changed: { raster: map.raster, region } };
}

/** The values of a tile's pixels. */
export function tilePixels({ left, top, width, height, values, samples }: Tile): Float32Array {
  const floats = values instanceof Uint16Array ? probabilities(values) : values;
  return samples === undefined ? floats : bicubicUpsample({ ...samples.grid, values: floats }, { left, top, width, height }, samples.bounds ?? [-Infinity, Infinity]);
}

function probabilities(values: Uint16Array): Float32Array {
  const floats = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) floats[i] = values[i]! / 65_535;
  return floats;
}
