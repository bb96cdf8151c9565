import fc from "fast-check";
import { expect, test } from "vitest";
import type { Polygon, Ring } from "../../src/image/contour.ts";
import { contours } from "../../src/image/contour.ts";
import { toGeoJson } from "../../src/image/geojson.ts";

/** A map drawn with digits: tenths. */
function drawn(rows: readonly string[]): [Float32Array, number, number] {
  const width = rows[0]!.length;
  return [Float32Array.from(rows.join(""), (digit) => Number(digit) / 10), width, rows.length];
}

function area(ring: Ring): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

function contains(ring: Ring, px: number, py: number): boolean {
  let inside = false;
  ring.forEach(([x0, y0], i) => {
    const [x1, y1] = ring[(i + 1) % ring.length]!;
    if (y0 > py !== y1 > py && px < x0 + ((py - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  });
  return inside;
}

const covers = ({ outer, holes }: Polygon, x: number, y: number): boolean =>
  contains(outer, x, y) && !holes.some((hole) => contains(hole, x, y));

function checkRegions(rows: readonly string[], expected: readonly { area: number; holes?: readonly number[] }[]): void {
  const polygons = contours(...drawn(rows), 0.5);
  const found = polygons.map(({ outer, holes }) => ({ area: area(outer), holes: holes.map((hole) => -area(hole)) }));
  expect(found).toEqual(
    expected.map((region) => ({
      area: expect.closeTo(region.area, 5) as number,
      holes: (region.holes ?? []).map((hole) => expect.closeTo(hole, 5) as number),
    })),
  );
}

test("one pixel is a diamond around its centre", () => {
  const [polygon] = contours(Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), 3, 3, 0.5);
  // Half way between 1 and 0.
  expect(new Set(polygon!.outer.map(String))).toEqual(new Set(["1,1.5", "1.5,1", "2,1.5", "1.5,2"]));
  expect(area(polygon!.outer)).toBeCloseTo(0.5, 6);
});

test("the line is where the values say", () => {
  const [polygon] = contours(Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), 3, 3, 0.25);
  expect(polygon!.outer.map(([x]) => x).sort()).toEqual([0.75, 1.5, 1.5, 2.25]);
});

test("regions at the edge close along it", () => {
  // The corners are cut between the middles of the outermost half pixels.
  checkRegions(["99", "99", "99"], [{ area: 5.5 }]);
  const [polygon] = contours(...drawn(["99", "99", "99"]), 0.5);
  expect(Math.max(...polygon!.outer.map(([x]) => x))).toBe(2);
  expect(Math.min(...polygon!.outer.map(([, y]) => y))).toBe(0);
});

test("holes belong to the region around them, islands to nobody", () => {
  const outline = ["999999999", "900000009", "900000009", "900090009", "900000009", "900000009", "999999999"];
  const polygons = contours(...drawn(outline), 0.45);
  expect(polygons.map(({ holes }) => holes.length)).toEqual([1, 0]);
  expect(area(polygons[0]!.holes[0]!)).toBeLessThan(0);
  expect(covers(polygons[0]!, 0.5, 0.5)).toBe(true);
  expect(covers(polygons[0]!, 4.5, 3.5)).toBe(false);
  expect(covers(polygons[1]!, 4.5, 3.5)).toBe(true);
});

test("pixels that touch by their corners are joined where the mean of the four says so", () => {
  expect(contours(...drawn(["0000", "0900", "0090", "0000"]), 0.4)).toHaveLength(1);
  expect(contours(...drawn(["0000", "0900", "0090", "0000"]), 0.5)).toHaveLength(2);
  expect(contours(...drawn(["0000", "0090", "0900", "0000"]), 0.4)).toHaveLength(1);
  expect(contours(...drawn(["0000", "0090", "0900", "0000"]), 0.5)).toHaveLength(2);
});

test("nothing, everything below, no numbers", () => {
  expect(contours(new Float32Array(0), 0, 0, 0.5)).toEqual([]);
  expect(contours(new Float32Array(12), 4, 3, 0.5)).toEqual([]);
  expect(contours(new Float32Array(12).fill(NaN), 4, 3, 0.5)).toEqual([]);
  expect(contours(Float32Array.of(NaN, NaN, NaN, NaN, 1, NaN, NaN, NaN, NaN), 3, 3, 0.5)).toHaveLength(1);
  // A single value exactly at the threshold has no extent.
  expect(contours(Float32Array.of(0, 0, 0, 0, 0.5, 0, 0, 0, 0), 3, 3, 0.5)).toEqual([]);
});

test("every pixel centre is inside a region exactly if its value is", () => {
  const side = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(side, side, fc.infiniteStream(fc.nat(9)), (width, height, values) => {
      // Off the threshold, so that no centre lies on a line.
      const map = Float32Array.from({ length: width * height }, () => ((values.next().value as number) + 0.5) / 10);
      const polygons = contours(map, width, height, 0.5);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          // A hair beside the centre, where no corner is.
          const around = polygons.filter((polygon) => covers(polygon, x + 0.5 + 1e-7, y + 0.5 + 2e-7));
          expect(around.length).toBe(map[y * width + x]! >= 0.5 ? 1 : 0);
        }
      }
      for (const { outer, holes } of polygons) {
        expect(area(outer)).toBeGreaterThan(0);
        for (const hole of holes) {
          expect(area(hole)).toBeLessThan(0);
          expect(hole.every(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height)).toBe(true);
        }
      }
    }),
    { numRuns: 300, seed: 2 },
  );
});

test("GeoJSON as QuPath reads it", () => {
  const polygons = contours(...drawn(["99999", "90009", "90009", "99999"]), 0.5);
  const text = toGeoJson(polygons, { className: "nucleus", color: [200, 0, 0], objectType: "detection" });
  const collection = JSON.parse(text) as {
    type: string;
    features: { type: string; geometry: { type: string; coordinates: number[][][] }; properties: unknown }[];
  };
  expect(collection.type).toBe("FeatureCollection");
  expect(collection.features).toHaveLength(1);
  const [feature] = collection.features;
  expect(feature).toMatchObject({
    type: "Feature",
    geometry: { type: "Polygon" },
    properties: { objectType: "detection", classification: { name: "nucleus", color: [200, 0, 0] } },
  });
  const rings = feature!.geometry.coordinates;
  expect(rings).toHaveLength(2);
  for (const ring of rings) expect(ring[0]).toEqual(ring.at(-1));
  expect(rings[0]).toHaveLength(polygons[0]!.outer.length + 1);
});

test("GeoJSON of nothing, and without a class", () => {
  expect(JSON.parse(toGeoJson([]))).toEqual({ type: "FeatureCollection", features: [] });
  const one = JSON.parse(toGeoJson(contours(Float32Array.of(1), 1, 1, 0.5))) as { features: { properties: unknown }[] };
  expect(one.features[0]!.properties).toEqual({ objectType: "annotation" });
});
