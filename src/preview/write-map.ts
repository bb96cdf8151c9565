import { colorize } from "../image/colormap.ts";
import { contours } from "../image/contour.ts";
import { toGeoJson } from "../image/geojson.ts";
import { writePng } from "../image/png-encode.ts";
import { writeTiff } from "../image/write-tiff.ts";
import { writeFileAtomic } from "../text/atomic.ts";
import { Failure } from "../text/failure.ts";
import type { ExportRequest } from "./messages.ts";

/** A finished map of one class, and what is said of it in the file. */
export interface Exported {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  /** What the smallest and the largest colour stand for: 0 and 1 for probabilities. */
  readonly range: readonly [number, number];
  readonly label: string;
  /** Pixels of the map per pixel of the image's file. */
  readonly resize: number;
  readonly micrometres?: number;
}

/** Above so many regions, QuPath handles detections better than annotations, which can be edited one by one. */
const MANY = 1000;

/** Writes a map to a file in the format asked for, whole or not at all. Throws a `cannot-write` Failure. */
export async function writeMap(path: string, request: ExportRequest, map: Exported): Promise<void> {
  const { values, width, height, micrometres } = map;
  switch (request.format) {
    case "png-grey":
      return writePng(path, { width, height, channels: 1, data: Uint8Array.from(scaled(map), (value) => Math.round(value * 255)) });
    case "png-colour":
      return writePng(path, { width, height, channels: 3, data: colorize(scaled(map), request.colourMap) });
    case "png-mask":
      return writePng(path, { width, height, channels: 1, data: Uint8Array.from(values, (value) => (value >= request.threshold ? 255 : 0)) });
    case "tiff-float":
      return writeTiff(path, { width, height, channels: 1, data: values }, { compression: "deflate", ...(micrometres !== undefined && { resolution: micrometres }) });
    case "geojson":
      return writeFileAtomic(path, regionsOf(map, request.threshold));
    case "figure":
      if (request.png === undefined) throw new Failure("bad-request", "there is no figure to write");
      return writeFileAtomic(path, request.png);
  }
}

/** Values on a scale from 0 to 1. */
function scaled({ values, range: [least, most] }: Exported): Float32Array {
  const span = most > least ? most - least : 1;
  return values.map((value) => Math.min(1, Math.max(0, (value - least) / span)));
}

/** The regions above the threshold, in pixels of the image's file. */
function regionsOf({ values, width, height, label, resize }: Exported, threshold: number): string {
  const regions = contours(values, width, height, threshold).map(({ outer, holes }) => ({ outer: outer.map(original), holes: holes.map((hole) => hole.map(original)) }));
  return toGeoJson(regions, { className: label, objectType: regions.length > MANY ? "detection" : "annotation" });

  function original([x, y]: readonly [number, number]): readonly [number, number] {
    return [x / resize, y / resize];
  }
}
