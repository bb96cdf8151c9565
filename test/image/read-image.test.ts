import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { decode, encode } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { expect, test } from "vitest";
import { readImage, toGray, toRgb } from "../../src/image/image.ts";
import type { Orientation } from "../../src/image/orientation.ts";
import { storedRect, turnUpright } from "../../src/image/orientation.ts";
import { checkFailure, fixtures, scratchFolder } from "./scratch.ts";

const path = scratchFolder();

/** The file gives the pixels of a PNG beside it, which another program made from it, to within `tolerance`. */
async function checkPixels(file: string, expected: string, tolerance = 0): Promise<void> {
  const image = await readImage(fixtures + file);
  const other = decode(await readFile(fixtures + expected));
  expect(other.depth).toBe(8);
  expect([image.width, image.height]).toEqual([other.width, other.height]);
  const same = toRgb(image);
  let largest = 0;
  for (let i = 0; i < same.data.length; i++) {
    const value = other.data[other.channels === 1 ? Math.floor(i / 3) : i]!;
    largest = Math.max(largest, Math.abs(same.data[i]! - value));
  }
  expect(largest).toBeLessThanOrEqual(tolerance);
}

// Expected pixels: libjpeg-turbo's djpeg; ImageMagick for CMYK.
test.each([
  "baseline-444",
  "baseline-420",
  "baseline-422",
  "baseline-440",
  "baseline-411",
  "progressive-420",
  "progressive-grey",
  "restart-420",
  "rgb",
])("JPEG %s is what libjpeg makes of it", async (name) => {
  await checkPixels(`${name}.jpg`, `${name}.png`);
});

test("CMYK JPEG", async () => {
  await checkPixels("cmyk.jpg", "cmyk.png", 1);
});

// Made by libtiff's tiffcp and by ImageMagick.
test.each([
  ["lzw-tiles.tif", "tissue80.png"],
  ["lzw-difference.tif", "tissue.png"],
  ["packbits.tif", "tissue.png"],
  ["deflate-big-endian-bigtiff.tif", "tissue.png"],
  ["planes.tif", "tissue.png"],
  ["rgb-16.tif", "tissue.png"],
  ["jpeg-ycc.tif", "jpeg-ycc.png"],
  ["jpeg-rgb.tif", "jpeg-rgb.png"],
  ["one-bit.tif", "one-bit.png"],
  ["palette.tif", "palette.png"],
])("TIFF %s", async (file, expected) => {
  await checkPixels(file, expected);
});

test("a TIFF that is to be turned", async () => {
  const upright = await readImage(`${fixtures}turned.tif`);
  const stored = await readImage(`${fixtures}tissue.png`);
  expect(upright).toMatchObject({ width: 27, height: 35 });
  // Orientation 6: a quarter turn to the right; the lower left corner comes to the top left.
  expect(upright.data.slice(0, 3)).toEqual(stored.data.slice(26 * 35 * 3, 26 * 35 * 3 + 3));
});

const pixelOf = (image: { width: number; data: ArrayLike<number> }, x: number, y: number): number => image.data[y * image.width + x]!;

test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)("EXIF orientation %d", async (orientation) => {
  const [width, height] = [24, 16];
  // Each corner its own grey; JPEG's blocks of 8 keep them apart.
  const corner = (x: number, y: number): number => (y < 8 ? (x < 12 ? 20 : 80) : x < 12 ? 140 : 220);
  const data = new Uint8Array(width * height * 4).map((_, i) => corner((i >> 2) % width, Math.floor((i >> 2) / width)));
  const jpeg = encodeJpeg({ width, height, data }, 100).data;
  const exif = Buffer.from([
    0xff,
    0xe1,
    0,
    34,
    ...Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\x01", "latin1"),
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  await writeFile(path("exif.jpg"), Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]));
  const image = toGray(await readImage(path("exif.jpg")));
  const corners = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const;
  const seen = corners.map(([x, y]) => Math.round(pixelOf(image, x * (image.width - 1), y * (image.height - 1)) / 20) * 20);
  const expected: Record<Orientation, number[]> = {
    1: [20, 80, 140, 220],
    2: [80, 20, 220, 140],
    3: [220, 140, 80, 20],
    4: [140, 220, 20, 80],
    5: [20, 140, 80, 220],
    6: [140, 20, 220, 80],
    7: [220, 80, 140, 20],
    8: [80, 220, 20, 140],
  };
  expect(seen).toEqual(expected[orientation]);
  expect(image.width).toBe(orientation >= 5 ? height : width);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)(
  "a rectangle of the upright picture comes from the right place (orientation %d)",
  (orientation) => {
    const stored = { width: 5, height: 3, channels: 1, data: Uint8Array.from({ length: 15 }, (_, i) => i) } as const;
    const upright = turnUpright(stored, orientation);
    const rect = { x: 1, y: 0, width: 2, height: 3 };
    const from = storedRect(rect, orientation, stored.width, stored.height);
    const cut = Uint8Array.from({ length: 6 }, (_, i) => pixelOf(stored, from.x + (i % from.width), from.y + Math.floor(i / from.width)));
    const turned = turnUpright({ ...stored, width: from.width, height: from.height, data: cut }, orientation);
    const expected = Uint8Array.from({ length: 6 }, (_, i) => pixelOf(upright, rect.x + (i % 2), rect.y + Math.floor(i / 2)));
    expect(turned).toMatchObject({ width: 2, height: 3, data: expected });
  },
);

test.each([
  [1, 8],
  [2, 8],
  [3, 8],
  [4, 8],
  [1, 16],
  [2, 16],
  [3, 16],
  [4, 16],
] as const)("PNG of %d channels, %d bits, plain and interlaced", async (channels, depth) => {
  for (const [width, height] of [
    [1, 1],
    [3, 2],
    [9, 17],
    [40, 30],
  ] as const) {
    const samples = Array.from({ length: width * height * channels }, (_, i) => ((i * 7919) ^ (i >> 3)) & (2 ** depth - 1));
    const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
    const kept = channels < 3 ? 1 : 3;
    const bytes = samples.filter((_, i) => i % channels < kept).map((sample) => (depth === 16 ? sample >> 8 : sample));
    for (const interlace of ["null", "Adam7"] as const) {
      await writeFile(path("a.png"), encode({ width, height, channels, depth, data }, { interlace }));
      const image = await readImage(path("a.png"));
      expect(image).toMatchObject({ width, height, channels: kept, source: { format: "png", bits: depth, alpha: channels % 2 === 0 } });
      expect(Array.from(image.data)).toEqual(bytes);
    }
  }
});

test("a real picture is what fast-png makes of it", async ({ skip }) => {
  const tissue = new URL("../../../shared/data/nuclei32/tissue-301x257.png", import.meta.url).pathname;
  if (!existsSync(tissue)) skip();
  const [image, other] = [await readImage(tissue), decode(await readFile(tissue))];
  expect(Buffer.compare(Buffer.from(image.data.buffer), Buffer.from(other.data.buffer))).toBe(0);
});

test("grey is luma, and goes to RGB and back", () => {
  const colors = { width: 2, height: 2, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50) } as const;
  const gray = toGray(colors);
  expect(Array.from(gray.data)).toEqual([76, 150, 29, 124]);
  expect(toGray(toRgb(gray)).data).toEqual(gray.data);
  expect(toGray(gray)).toBe(gray);
});

test("what is no picture is said in words", async () => {
  const write = async (name: string, bytes: string | Uint8Array): Promise<string> => {
    await writeFile(path(name), bytes);
    return path(name);
  };
  await checkFailure(readImage(path("none.png")), "cannot-read", /none\.png: no such file/);
  await mkdir(path("folder.png"));
  await checkFailure(readImage(path("folder.png")), "cannot-read", /is a folder/);
  await checkFailure(readImage("/dev/zero"), "cannot-read", /not a file/);
  await checkFailure(readImage(await write("empty.png", "")), "bad-file", /is empty/);
  await checkFailure(
    readImage(await write("text.png", "layer { name: 'conv1' }")),
    "bad-file",
    /is not a picture in PNG, JPEG or TIFF. Choose/,
  );
  await checkFailure(readImage(await write("a.gif", "GIF89a-and-more-of-it")), "bad-file", /is a GIF file. Save it as PNG, JPEG or TIFF/);
  await checkFailure(readImage(await write("b.tif", Uint8Array.of(0x49, 0x49, 42, 0))), "bad-file", /truncated/);
});

test("the extension plays no part", async () => {
  await writeFile(path("tissue.jpg"), await readFile(`${fixtures}tissue.png`));
  expect((await readImage(path("tissue.jpg"))).source?.format).toBe("png");
});
