import { readFile, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { decode } from "fast-png";
import fc from "fast-check";
import { fromFile } from "geotiff";
import { expect, test } from "vitest";
import { readImage } from "../../src/image/image.ts";
import { encodePng, writePng } from "../../src/image/png-encode.ts";
import type { Samples } from "../../src/image/pyramid.ts";
import { openTiff } from "../../src/image/tiff-region.ts";
import type { TiledTiff, TiledTiffOptions } from "../../src/image/tiled-tiff.ts";
import { createTiledTiff } from "../../src/image/tiled-tiff.ts";
import { writeTiff } from "../../src/image/write-tiff.ts";
import { checkFailure, scratchFolder } from "./scratch.ts";

const path = scratchFolder();

test("PNGs are read back as they were", async () => {
  const size = fc.integer({ min: 1, max: 40 });
  await fc.assert(
    fc.asyncProperty(size, size, fc.constantFrom(1, 3, 4), fc.nat(9), fc.nat(), async (width, height, channels, level, seed) => {
      const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * (seed % 251)) ^ (i >> 4));
      const bytes = await encodePng({ width, height, channels, data }, { level });
      expect(decode(bytes, { checkCrc: true })).toMatchObject({ width, height, channels, depth: 8, data });
    }),
    { numRuns: 40, seed: 3 },
  );
});

test("a PNG file", async () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  await writePng(path("a.png"), { width: 2, height: 2, channels: 3, data });
  expect(await readImage(path("a.png"))).toMatchObject({ width: 2, height: 2, channels: 3, data });
  await checkFailure(writePng(path("none/a.png"), { width: 2, height: 2, channels: 3, data }), "cannot-write", /folder does not exist/);
});

/** Values that are neither smooth nor constant, exact as bytes and as floats. */
function pattern(width: number, height: number, channels: number, float: boolean): Samples {
  const value = (i: number): number => ((i * 2654435761) >>> 11) % 256;
  const length = width * height * channels;
  return float ? Float32Array.from({ length }, (_, i) => value(i) / 256) : Uint8Array.from({ length }, (_, i) => value(i));
}

/** Where the two differ first, -1 where they do not. Quicker than `toEqual` for many numbers. */
function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) return i;
  }
  return -1;
}

/** All samples of a page, as geotiff reads them. */
async function page(
  file: string,
  index: number,
): Promise<{ width: number; height: number; samples: ArrayLike<number>; fields: Record<string, unknown> }> {
  const tiff = await fromFile(file);
  try {
    const image = await tiff.getImage(index);
    const directory = image.getFileDirectory();
    const fields = Object.fromEntries(
      await Promise.all(
        (["NewSubfileType", "ResolutionUnit", "XResolution", "Compression", "PhotometricInterpretation", "SampleFormat"] as const).map(
          async (tag) => [tag, await directory.loadValue(tag)] as const,
        ),
      ),
    );
    const samples = (await image.readRasters({ interleave: true })) as unknown as ArrayLike<number>;
    return { width: image.getWidth(), height: image.getHeight(), samples, fields };
  } finally {
    await tiff.close();
  }
}

test.each([
  [1, false, "none"],
  [3, false, "none"],
  [1, true, "none"],
  [3, true, "none"],
  [5, true, "none"],
  [1, false, "deflate"],
  [3, false, "deflate"],
  [1, true, "deflate"],
  [2, true, "deflate"],
] as const)("a plain TIFF of %d channels (float: %s, %s) is what geotiff reads", async (channels, float, compression) => {
  for (const [width, height] of [
    [1, 1],
    [33, 17],
    [300, 250],
  ] as const) {
    const data = pattern(width, height, channels, float);
    await writeTiff(path("a.tif"), { width, height, channels, data }, { compression, resolution: 0.25 });
    const read = await page(path("a.tif"), 0);
    expect(read).toMatchObject({ width, height, fields: { Compression: compression === "none" ? 1 : 8, ResolutionUnit: 3 } });
    expect(read.fields.PhotometricInterpretation).toBe(channels === 3 && !float ? 2 : 1);
    expect(firstDifference(read.samples, data)).toBe(-1);
    if (float) continue;
    const image = await readImage(path("a.tif"));
    expect(firstDifference(image.data, data)).toBe(-1);
    expect(image.source?.resolution).toBeCloseTo(0.25, 6);
  }
});

/** The tiles of a picture, row by row. */
function* tilesOf(
  { columns, rows, tileSize }: TiledTiff,
  { width, height, channels }: TiledTiffOptions,
  data: Samples,
): Generator<[number, number, Samples]> {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [column * tileSize, row * tileSize];
      const across = Math.min(tileSize, width - x) * channels;
      const tile = data.slice(0, across * Math.min(tileSize, height - y));
      for (let line = 0; line * across < tile.length; line++) {
        const from = ((y + line) * width + x) * channels;
        tile.set(data.subarray(from, from + across), line * across);
      }
      yield [column, row, tile];
    }
  }
}

/** Half the size: means of 2 x 2, at the edge of those there are. Sums of these patterns are exact in floats. */
function halved(data: ArrayLike<number>, width: number, height: number, channels: number, float: boolean): number[] {
  const out: number[] = [];
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      for (let c = 0; c < channels; c++) {
        const at = (i: number, j: number): number =>
          data[(Math.min(y + j, height - 1) * width + Math.min(x + i, width - 1)) * channels + c]!;
        const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
        out.push(float ? Math.fround(mean) : Math.floor(mean + 0.5));
      }
    }
  }
  return out;
}

async function checkPyramid(options: TiledTiffOptions, data: Samples, pages: number): Promise<void> {
  const float = options.sampleFormat === "float32";
  let expected: number[] = Array.from(data);
  let [width, height] = [options.width, options.height];
  for (let level = 0; level < pages; level++) {
    const read = await page(path("t.tif"), level);
    expect(read).toMatchObject({ width, height, fields: { NewSubfileType: level === 0 ? 0 : 1 } });
    expect(firstDifference(read.samples, expected)).toBe(-1);
    expected = halved(expected, width, height, options.channels, float);
    [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  }
  await expect(page(path("t.tif"), pages)).rejects.toThrow("No image");
}

test.each([
  [100, 70, 1, "float32", "none", 4],
  [100, 70, 3, "uint8", "none", 4],
  [100, 70, 1, "uint8", "deflate", 4],
  [100, 70, 4, "float32", "deflate", 4],
  [16, 16, 1, "uint8", "none", 1],
  [17, 3, 3, "uint8", "deflate", 2],
  [1, 130, 1, "float32", "none", 5],
] as const)(
  "a tiled TIFF %d x %d of %d channels (%s, %s), its tiles shuffled, with %d pages",
  async (width, height, channels, sampleFormat, compression, pages) => {
    const options = { width, height, channels, sampleFormat, compression, tileSize: 16, resolution: 0.5 } as const;
    const data = pattern(width, height, channels, sampleFormat === "float32");
    const tiff = await createTiledTiff(path("t.tif"), options);
    const tiles = [...tilesOf(tiff, options, data)].sort(([a, b], [c, d]) => ((a * 7 + b * 3) % 5) - ((c * 7 + d * 3) % 5));
    await Promise.all(tiles.map(([column, row, tile]) => tiff.writeTile(column, row, tile)));
    await tiff.finish();
    await checkPyramid(options, data, pages);
  },
);

test.each(["none", "deflate"] as const)("tiles that never come are zeros (%s)", async (compression) => {
  const options = { width: 70, height: 50, channels: 1, sampleFormat: "uint8", compression, tileSize: 16 } as const;
  const data = pattern(70, 50, 1, false);
  const tiff = await createTiledTiff(path("t.tif"), options);
  for (const [column, row, tile] of tilesOf(tiff, options, data)) {
    // The upper left 2 x 2 and one more.
    if ((column < 2 && row < 2) || (column === 3 && row === 2)) {
      const [x, y] = [column * 16, row * 16];
      for (let line = y; line < y + 16; line++) data.fill(0, line * 70 + x, line * 70 + x + 16);
    } else await tiff.writeTile(column, row, tile);
  }
  await tiff.finish();
  await checkPyramid(options, data, 4);
});

test("without compression the order of the tiles leaves no trace", async () => {
  const options = { width: 90, height: 60, channels: 1, sampleFormat: "float32", tileSize: 32 } as const;
  const data = pattern(90, 60, 1, true);
  const files: Buffer[] = [];
  for (const turned of [false, true]) {
    const tiff = await createTiledTiff(path("t.tif"), options);
    const tiles = [...tilesOf(tiff, options, data)];
    for (const [column, row, tile] of turned ? tiles.reverse() : tiles) await tiff.writeTile(column, row, tile);
    await tiff.finish();
    files.push(await readFile(path("t.tif")));
  }
  expect(files[0]!.equals(files[1]!)).toBe(true);
});

test("a picture without pyramid, of the usual tiles, is read by region", async () => {
  const options = {
    width: 600,
    height: 300,
    channels: 3,
    sampleFormat: "uint8",
    compression: "deflate",
    resolution: 0.2527,
    pyramid: false,
  } as const;
  const data = pattern(600, 300, 3, false);
  const tiff = await createTiledTiff(path("t.tif"), options);
  for (const [column, row, tile] of tilesOf(tiff, options, data)) await tiff.writeTile(column, row, tile);
  await tiff.finish();
  const image = await openTiff(path("t.tif"));
  expect(image).toMatchObject({ width: 600, height: 300, channels: 3, blockWidth: 256, blockHeight: 256 });
  expect(image.resolution).toBeCloseTo(0.2527, 6);
  const region = await image.readRegion(200, 250, 100, 40);
  for (let y = 0; y < 40; y++) {
    const from = ((250 + y) * 600 + 200) * 3;
    expect(region.data.subarray(y * 300, (y + 1) * 300)).toEqual(data.subarray(from, from + 300));
  }
  await image.close();
});

test("a tiled TIFF that is given up, or cannot be finished, leaves nothing", async () => {
  const options = { width: 32, height: 32, channels: 1, sampleFormat: "uint8", tileSize: 16 } as const;
  const tiff = await createTiledTiff(path("gone.tif"), options);
  await tiff.writeTile(0, 0, new Uint8Array(256));
  await tiff.discard();
  expect((await readdir(dirname(path("gone.tif")))).filter((name) => name.includes("gone"))).toEqual([]);
  await checkFailure(tiff.writeTile(1, 0, new Uint8Array(256)), "cannot-write", /gone\.tif/);
  await checkFailure(tiff.finish(), "cannot-write", /gone\.tif/);
  await checkFailure(createTiledTiff(path("none/t.tif"), options), "cannot-write", /folder does not exist/);
});

test("tiles that do not fit are the caller's defect", async () => {
  const tiff = await createTiledTiff(path("t.tif"), { width: 20, height: 16, channels: 1, sampleFormat: "uint8", tileSize: 16 });
  await expect(tiff.writeTile(1, 0, new Uint8Array(256))).rejects.toThrow("4 x 16 pixels");
  await expect(tiff.writeTile(2, 0, new Uint8Array(64))).rejects.toThrow("no tile (2, 0)");
  await expect(tiff.writeTile(1, 0, new Float32Array(64))).rejects.toThrow("uint8");
  await tiff.writeTile(1, 0, new Uint8Array(64));
  await expect(tiff.writeTile(1, 0, new Uint8Array(64))).rejects.toThrow("came twice");
  await tiff.discard();
  await expect(createTiledTiff(path("t.tif"), { width: 20, height: 16, channels: 2, sampleFormat: "uint8" })).rejects.toThrow(RangeError);
});
