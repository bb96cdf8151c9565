import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { fromArrayBuffer } from "geotiff";
import { afterAll, beforeAll, expect, test } from "vitest";
import { colormap } from "../../src/image/colormap.ts";
import type { ExportRequest } from "../../src/preview/messages.ts";
import { writeMap, type Exported } from "../../src/preview/write-map.ts";

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), "exports-")); });
afterAll(() => { rmSync(folder, { recursive: true }); });

// A square of 0.8 in a ramp.
const [width, height] = [20, 12];
const values = Float32Array.from({ length: width * height }, (_, i) => (i % width >= 4 && i % width < 10 && i / width >= 3 && i / width < 8 ? 0.8 : (i % width) / 100));
const map: Exported = { values, width, height, range: [0, 1], label: "nucleus", resize: 1, micrometres: 0.25 };

async function written(format: ExportRequest["format"], more: Partial<ExportRequest> = {}, of: Exported = map): Promise<Buffer> {
  const path = join(folder, `map-${format}`);
  await writeMap(path, { type: "export", format, kind: "exact", threshold: 0.5, colourMap: "viridis", opacity: 0.5, ...more }, of);
  return readFileSync(path);
}

test("grey: 255 is 1", async () => {
  const { data, channels } = decode(await written("png-grey"));
  expect(channels).toBe(1);
  expect([...data]).toEqual([...values].map((value) => Math.round(value * 255)));
});

test("grey of values that are no probabilities spans their range", async () => {
  const { data } = decode(await written("png-grey", {}, { ...map, values: values.map((value) => value * 10 - 4), range: [-4, 4] }));
  expect([...data]).toEqual([...values].map((value) => Math.round(Math.min(1, value * 10 / 8) * 255)));
});

test("in colours of the map", async () => {
  const { data, channels } = decode(await written("png-colour", { colourMap: "magma" }));
  expect(channels).toBe(3);
  const inside = 5 * width + 6;
  expect([...data.slice(inside * 3, inside * 3 + 3)]).toEqual([...colormap("magma").slice(204 * 3, 204 * 3 + 3)]);
});

test("mask: white at the threshold and above", async () => {
  const { data } = decode(await written("png-mask", { threshold: 0.8 }));
  expect([...data]).toEqual([...values].map((value) => (value >= Math.fround(0.8) ? 255 : 0)));
});

test("float TIFF holds the numbers themselves", async () => {
  const file = await written("tiff-float");
  const image = await (await fromArrayBuffer(new Uint8Array(file).buffer)).getImage();
  expect(new Float32Array((await image.readRasters())[0] as Float32Array)).toEqual(values);
});

test("GeoJSON regions are named and lie in pixels of the image's file", async () => {
  const { features } = JSON.parse((await written("geojson", {}, { ...map, resize: 0.5 })).toString()) as {
    features: { geometry: { coordinates: [number, number][][] }; properties: { classification: { name: string }; objectType: string } }[];
  };
  expect(features).toHaveLength(1);
  expect(features[0]!.properties).toMatchObject({ classification: { name: "nucleus" }, objectType: "annotation" });
  const xs = features[0]!.geometry.coordinates[0]!.map(([x]) => x);
  // The square's edge lies between the centres of columns 3 and 4, 9 and 10, at half the image's resolution.
  expect(Math.min(...xs)).toBeGreaterThan(7);
  expect(Math.max(...xs)).toBeLessThan(21);
});

test("the figure is written as it was drawn, and nothing is left beside the files", async () => {
  const png = Uint8Array.of(137, 80, 78, 71);
  expect([...(await written("figure", { png }))]).toEqual([...png]);
  expect(readdirSync(folder).filter((name) => !name.startsWith("map-"))).toEqual([]);
});
