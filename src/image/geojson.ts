import type { Polygon, Ring } from "./contour.ts";

/** Settings of {@link toGeoJson}. */
export interface GeoJsonOptions {
  /** The class QuPath shows for the regions: `nucleus`. */
  readonly className?: string;
  /** Its colour: red, green, blue, 0..255. */
  readonly color?: readonly [number, number, number];
  /** What QuPath makes of them: annotations can be edited, detections are light enough for many thousands. */
  readonly objectType?: "annotation" | "detection";
}

/**
 * The regions as the text of a GeoJSON FeatureCollection that QuPath opens over the picture: one Polygon to a line.
 *
 * Coordinates are pixels of the picture, to a hundredth. Source: RFC 7946; QuPath's properties `objectType`, `classification`.
 */
export function toGeoJson(polygons: readonly Polygon[], options: GeoJsonOptions = {}): string {
  const { className, color, objectType = "annotation" } = options;
  const classification = className === undefined ? {} : { classification: { name: className, ...(color === undefined ? {} : { color }) } };
  const features = polygons.map(({ outer, holes }) =>
    JSON.stringify({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [outer, ...holes].map(closed) },
      properties: { objectType, ...classification },
    }),
  );
  return `{"type":"FeatureCollection","features":[\n${features.join(",\n")}\n]}\n`;
}

/** GeoJSON repeats the first corner at the end. */
function closed(ring: Ring): [number, number][] {
  const corners = ring.map(([x, y]): [number, number] => [Math.round(x * 100) / 100, Math.round(y * 100) / 100]);
  return [...corners, corners[0]!];
}
