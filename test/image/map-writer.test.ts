import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openMap, TILED_FROM, type MapOptions } from "../../src/image/map-writer.ts";
import { readImage } from "../../src/image/image.ts";
import type { GridRect } from "../../src/image/resize.ts";
import { createTiledTiff } from "../../src/image/tiled-tiff.ts";
import { fromFile } from "geotiff";
import { checkFailure, scratchFolder } from "./scratch.ts";

const path = scratchFolder();

/** Larger than a TIFF in one piece, in rectangles that fit no tile. */
const [width, height] = [2110, 2003];
const options: MapOptions = { width, height, sampleFormat: "float32", resolution: 0.5, request: { weights: "a", image: "b" } };
const value = (row: number, column: number): number => Math.fround(((row * 31 + column * 17) % 255) / 255);

function valuesOf({ top, left, height: rows, width: columns }: GridRect): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => value(top + Math.floor(i / columns), left + (i % columns)));
}

function rectangles(size: { width: number; height: number } = { width, height }, rows = 410, columns = 300): GridRect[] {
  const rects: GridRect[] = [];
  for (let top = 0; top < size.height; top += rows) {
    for (let left = 0; left < size.width; left += columns) {
      rects.push({ top, left, height: Math.min(rows, size.height - top), width: Math.min(columns, size.width - left) });
    }
  }
  return rects;
}

let undisturbed: Buffer;
beforeAll(async () => {
  expect(width * height).toBeGreaterThan(TILED_FROM);
  // Tile by tile, without the writer under test.
  const tiff = await createTiledTiff(path("reference.tif"), { width, height, channels: 1, sampleFormat: "float32", resolution: 0.5 });
  for (const { top, left, ...size } of rectangles({ width, height }, 256, 256)) {
    await tiff.writeTile(left / 256, top / 256, valuesOf({ top, left, ...size }));
  }
  await tiff.finish();
  undisturbed = await readFile(path("reference.tif"));
});

async function partsOf(name: string): Promise<string[]> {
  return (await readdir(dirname(path(name)))).filter((file) => file.includes(basename(name)) && file !== name);
}

/** Puts some rectangles and stops without finishing, as a kill does. */
async function begin(name: string, rects: readonly GridRect[], settings: Partial<MapOptions> = {}): Promise<void> {
  const map = await openMap(path(name), { ...options, ...settings });
  for (const rect of rects) await map.put(rect, valuesOf(rect));
  await map.discard();
}

async function complete(name: string, settings: Partial<MapOptions> = {}): Promise<{ kept: number; put: number }> {
  const map = await openMap(path(name), { ...options, ...settings });
  const missing = rectangles().filter((rect) => !map.has(rect));
  for (const rect of missing.reverse()) await map.put(rect, valuesOf(rect));
  await map.finish();
  return { kept: map.kept, put: missing.length };
}

test("a large map is the same file whatever rectangles it comes in", async () => {
  expect(await complete("whole.tif")).toEqual({ kept: 0, put: rectangles().length });
  expect((await readFile(path("whole.tif"))).equals(undisturbed)).toBe(true);
  expect(await partsOf("whole.tif")).toEqual([]);
});

test.each([1, 7, 20, 39])("a map that was stopped after %d rectangles is resumed, and ends as the same file", async (before) => {
  await begin("stopped.tif", rectangles().slice(0, before));
  expect(await partsOf("stopped.tif")).toEqual(["stopped.tif.partial", "stopped.tif.partial.journal"]);
  const { kept, put } = await complete("stopped.tif");
  expect(kept).toBeGreaterThan(0);
  expect(put).toBeGreaterThanOrEqual(rectangles().length - before);
  expect((await readFile(path("stopped.tif"))).equals(undisturbed)).toBe(true);
  expect(await partsOf("stopped.tif")).toEqual([]);
});

test("tiles that are damaged, or noted and not written, are made again", async () => {
  const damage: readonly ((partial: Buffer, journal: string) => { partial?: Buffer; journal?: string })[] = [
    (partial) => ({ partial: Buffer.from(partial).fill(7, 5000, 5001) }),
    (partial) => ({ partial: partial.subarray(0, partial.length / 2) }),
    (_, journal) => ({ journal: journal.slice(0, -5) }),
    (_, journal) => ({ journal: `${journal}9 123\n99999 1\nnonsense\n-1 4\n` }),
  ];
  for (const change of damage) {
    await begin("damaged.tif", rectangles().slice(0, 30));
    const { partial, journal } = change(await readFile(path("damaged.tif.partial")), await readFile(path("damaged.tif.partial.journal"), "utf8"));
    if (partial !== undefined) await writeFile(path("damaged.tif.partial"), partial);
    if (journal !== undefined) await writeFile(path("damaged.tif.partial.journal"), journal);
    await complete("damaged.tif");
    expect((await readFile(path("damaged.tif"))).equals(undisturbed)).toBe(true);
  }
});

test("what cannot be told whose it is is begun anew", async () => {
  for (const journal of ["", "{}\n", "\u0000\u0001\n", '{"version":1}\n']) {
    await begin("whose.tif", rectangles().slice(0, 9));
    await writeFile(path("whose.tif.partial.journal"), journal);
    expect(await complete("whose.tif")).toEqual({ kept: 0, put: rectangles().length });
    expect((await readFile(path("whose.tif"))).equals(undisturbed)).toBe(true);
  }
});

test("what is left of another request is refused with what differs, or replaced", async () => {
  await begin("other.tif", rectangles().slice(0, 9), { request: { weights: "x", image: "b" } });
  await checkFailure(complete("other.tif"), "cannot-write", /other\.tif\.partial: was begun with another 'weights'.*--force/);
  await checkFailure(complete("other.tif", { sampleFormat: "uint8" }), "cannot-write", /'layout' and 'weights'/);
  expect(await complete("other.tif", { replace: true })).toEqual({ kept: 0, put: rectangles().length });
  expect((await readFile(path("other.tif"))).equals(undisturbed)).toBe(true);
});

test("a file that a running process writes is left to it", async () => {
  await begin("busy.tif", rectangles().slice(0, 9));
  const journal = path("busy.tif.partial.journal");
  await writeFile(journal, (await readFile(journal, "utf8")).replace(`process ${process.pid} `, `process ${process.ppid} `));
  await checkFailure(complete("busy.tif"), "cannot-write", new RegExp(`being written by another run \\(process ${process.ppid}\\)`));
});

test("bytes are a quarter of the floats, and whole pyramids", async () => {
  await complete("bytes.tif", { sampleFormat: "uint8" });
  const image = await readImage(path("bytes.tif"));
  expect([image.width, image.height, image.channels, image.source?.resolution]).toEqual([width, height, 1, 0.5]);
  for (const [row, column] of [[0, 0], [2002, 2109], [777, 1234]] as const) expect(image.data[row * width + column]).toBe(Math.round(value(row, column) * 255));
  const tiff = await fromFile(path("bytes.tif"));
  expect(await tiff.getImageCount()).toBe(5);
  await tiff.close();
});

test.each(["small.png", "small.tif", "small-bytes.tif"])("a small map, %s, is one piece", async (name) => {
  const size = { width: 50, height: 40 };
  const sampleFormat = name === "small.tif" ? "float32" : "uint8";
  const map = await openMap(path(name), { ...options, ...size, sampleFormat });
  for (const rect of rectangles(size, 16, 30)) await map.put(rect, valuesOf(rect));
  await map.finish();
  const expected = valuesOf({ top: 0, left: 0, ...size });
  if (sampleFormat === "float32") {
    const tiff = await fromFile(path(name));
    const [band] = (await (await tiff.getImage()).readRasters()) as unknown as [Float32Array];
    expect(band).toEqual(expected);
    await tiff.close();
  } else expect(Array.from((await readImage(path(name))).data)).toEqual(Array.from(expected, (v) => Math.round(v * 255)));
});

test("a map too large for a PNG is refused, naming what is not", async () => {
  await checkFailure(openMap(path("huge.png"), { ...options, width: 9000, height: 9000 }), "bad-request", /9,000 x 9,000 is too large for a PNG; the limit is 67,108,864 pixels\. Name it \.tif\./);
});
