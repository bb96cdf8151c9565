import { describe, expect, it } from "vitest";
import { bars, histogram, nothing, partAbove, recount } from "../../webview/histogram.ts";
import type { Pictures } from "../../webview/pictures.ts";
import { receive, valueAt } from "../../webview/pictures.ts";
import { known, mapRaster, missing, pictureRaster, regionAt, writePixels, writeValues } from "../../webview/raster.ts";

describe("raster", () => {
  it("holds halves of a picture down to a screenful", () => {
    expect(pictureRaster(301, 257).levels.map(({ width, height }) => [width, height])).toEqual([[301, 257], [151, 129], [76, 65], [38, 33]]);
  });

  it("averages what is computed, and only that", () => {
    const raster = mapRaster(130, 2);
    writeValues(raster, { left: 0, top: 0, width: 3, height: 2 }, Float32Array.of(0.5, 0.25, 1, NaN, 0.75, 0), () => undefined);
    expect([...raster.levels[1]!.data.slice(0, 3)]).toEqual([0.5, 0.5, expect.closeTo(missing, -35)]);
    expect(known(raster.levels[0]!.data[130]!)).toBe(false);
  });

  it("gives the same levels whatever the tiles", () => {
    const values = Float32Array.from({ length: 200 * 150 }, (_, i) => ((i * 7919) % 1000) / 1000);
    const whole = mapRaster(200, 150);
    writeValues(whole, { left: 0, top: 0, width: 200, height: 150 }, values, () => undefined);
    const tiled = mapRaster(200, 150);
    for (let top = 0; top < 150; top += 37) {
      for (let left = 0; left < 200; left += 53) {
        const [width, height] = [Math.min(53, 200 - left), Math.min(37, 150 - top)];
        writeValues(tiled, { left, top, width, height }, Float32Array.from({ length: width * height }, (_, i) => values[(top + Math.floor(i / width)) * 200 + left + (i % width)]!), () => undefined);
      }
    }
    expect(tiled).toEqual(whole);
  });

  it("averages colours", () => {
    const raster = pictureRaster(100, 1);
    writePixels(raster, { left: 0, top: 0, width: 100, height: 1 }, Uint8Array.from({ length: 300 }, (_, i) => (i % 6 < 3 ? 10 : 20)));
    expect([...raster.levels[1]!.data.slice(0, 4)]).toEqual([15, 15, 15, 255]);
  });

  it("knows which part of a level a region touches", () => {
    expect(regionAt({ left: 3, top: 4, width: 2, height: 1 }, 1)).toEqual({ left: 1, top: 2, width: 2, height: 1 });
  });
});

describe("histogram", () => {
  it("counts what is above a threshold as the values themselves do", () => {
    const counts = histogram(0, 1);
    const values = Float32Array.from({ length: 5000 }, (_, i) => ((i * 6_700_417) % 5000) / 5000);
    recount(counts, nothing, values);
    for (const threshold of [0, 0.01, 0.5, 0.77, 1]) {
      expect(partAbove(counts, threshold)).toBeCloseTo(values.filter((value) => value >= threshold).length / 5000, 3);
    }
  });

  it("forgets what is overwritten", () => {
    const counts = histogram(-1, 1);
    recount(counts, Float32Array.of(missing, missing), Float32Array.of(0.5, missing));
    recount(counts, Float32Array.of(0.5), Float32Array.of(-0.5));
    expect([counts.total, partAbove(counts, 0)]).toEqual([1, 0]);
    expect(bars(counts, 2)).toEqual([1, 0]);
    recount(counts, Float32Array.of(-0.5), Float32Array.of(missing));
    expect(counts.total).toBe(0);
  });
});

describe("pictures", () => {
  const map = { type: "map", kind: "exact", run: 1, width: 4, height: 2, classIndex: 1 } as const;
  const tile = { type: "tile", kind: "exact", run: 1, left: 2, top: 0, width: 2, height: 2, values: Float32Array.of(1, 2, 3, 4) } as const;

  it("shows a picture in small until its rows are there", () => {
    const pictures: Pictures = { maps: {} };
    receive(pictures, { type: "image", width: 5, height: 4 });
    const written = receive(pictures, { type: "imageOverview", factor: 3, pixels: Uint8Array.of(10, 20, 30, 40) });
    expect(written.changed?.region).toEqual({ left: 0, top: 0, width: 5, height: 4 });
    const greys = (): number[] => Array.from({ length: 20 }, (_, i) => pictures.picture!.levels[0]!.data[4 * i]!);
    expect(greys()).toEqual([10, 10, 10, 20, 20, 10, 10, 10, 20, 20, 10, 10, 10, 20, 20, 30, 30, 30, 40, 40]);
    receive(pictures, { type: "imageBand", top: 1, height: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5) });
    expect(greys().slice(0, 10)).toEqual([10, 10, 10, 20, 20, 1, 2, 3, 4, 5]);
  });

  it("takes bands of a picture and tiles of a map", () => {
    const pictures: Pictures = { maps: {} };
    receive(pictures, { type: "image", width: 4, height: 2 });
    receive(pictures, { type: "imageBand", top: 1, height: 1, pixels: Uint8Array.of(7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9) });
    receive(pictures, map);
    expect(receive(pictures, tile).changed?.region).toEqual({ left: 2, top: 0, width: 2, height: 2 });
    expect([...pictures.picture!.levels[0]!.data.slice(14, 20)]).toEqual([0, 0, 7, 8, 9, 255]);
    receive(pictures, { type: "imageBand", top: 0, height: 1, pixels: new Uint8Array(4).fill(5) });
    expect([...pictures.picture!.levels[0]!.data.slice(12, 18)]).toEqual([5, 5, 5, 255, 7, 8]);
    expect([valueAt(pictures.maps.exact, 3, 1), valueAt(pictures.maps.exact, 1, 1), valueAt(pictures.maps.exact, 4, 1)]).toEqual([4, undefined, undefined]);
  });

  it("drops tiles of another run, and maps of another picture", () => {
    const pictures: Pictures = { maps: {} };
    receive(pictures, map);
    expect(receive(pictures, { ...tile, run: 0 })).toEqual({ released: [] });
    const { raster } = pictures.maps.exact!;
    expect(receive(pictures, { type: "image", width: 1, height: 1 }).released).toContain(raster);
    expect(pictures.maps).toEqual({});
  });

  it("keeps the old class until the new one's tiles are there, counted by the new range", () => {
    const pictures: Pictures = { maps: {} };
    receive(pictures, map);
    receive(pictures, tile);
    expect(receive(pictures, { ...map, classIndex: 0, range: [0, 4] }).released).toEqual([]);
    expect(pictures.maps.exact!.counts).toMatchObject({ low: 0, high: 4, total: 4 });
    expect(receive(pictures, { ...map, run: 2 }).released).toHaveLength(1);
    expect(valueAt(pictures.maps.exact, 3, 1)).toBeUndefined();
  });
});
