import { copyFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readImage } from "../../src/image/image.ts";
import { openTiff } from "../../src/image/tiff-region.ts";
import type { TiffValue } from "../../src/image/tiff-fields.ts";
import { pictureFields, tiffDirectory, tiffHeader } from "../../src/image/tiff-fields.ts";
import { tags } from "../../src/image/tiff-tags.ts";
import { checkFailure, fixtures, scratchFolder } from "./scratch.ts";

const path = scratchFolder();

// "turned" has its sides swapped; the others differ in tiles, strips, packing and planes.
test.each([
  "lzw-tiles",
  "lzw-difference",
  "packbits",
  "deflate-big-endian-bigtiff",
  "planes",
  "rgb-16",
  "jpeg-ycc",
  "one-bit",
  "palette",
  "turned",
])("regions of %s.tif are cut out of the whole", async (name) => {
  const whole = await readImage(`${fixtures}${name}.tif`);
  const tiff = await openTiff(`${fixtures}${name}.tif`);
  expect([tiff.width, tiff.height, tiff.channels]).toEqual([whole.width, whole.height, whole.channels]);
  const rect = fc.tuple(fc.nat(whole.width - 1), fc.nat(whole.height - 1), fc.nat(), fc.nat());
  await fc.assert(
    fc.asyncProperty(rect, async ([x, y, w, h]) => {
      const [width, height] = [1 + (w % (whole.width - x)), 1 + (h % (whole.height - y))];
      const region = await tiff.readRegion(x, y, width, height);
      expect([region.width, region.height]).toEqual([width, height]);
      const { channels } = whole;
      for (let row = 0; row < height; row++) {
        const from = ((y + row) * whole.width + x) * channels;
        const line = region.data.subarray(row * width * channels, (row + 1) * width * channels);
        expect(line).toEqual(whole.data.subarray(from, from + width * channels));
      }
    }),
    { numRuns: 25, seed: 11 },
  );
  await tiff.close();
});

test("regions at once do not disturb each other", async () => {
  const tiff = await openTiff(`${fixtures}lzw-tiles.tif`);
  const whole = await tiff.readRegion(0, 0, 80, 70);
  const rows = await Promise.all(Array.from({ length: 70 }, (_, y) => tiff.readRegion(0, y, 80, 1)));
  expect(Buffer.concat(rows.map(({ data }) => Buffer.from(data))).equals(Buffer.from(whole.data))).toBe(true);
  await tiff.close();
});

test("a region outside is the caller's defect", async () => {
  const tiff = await openTiff(`${fixtures}lzw-tiles.tif`);
  for (const [x, y, w, h] of [
    [-1, 0, 1, 1],
    [0, 0, 81, 1],
    [79, 69, 1, 2],
    [0, 0, 0, 1],
    [0.5, 0, 1, 1],
  ] as const) {
    await expect(tiff.readRegion(x, y, w, h)).rejects.toThrow(RangeError);
  }
  await tiff.close();
});

test("what is no TIFF", async () => {
  await checkFailure(openTiff(`${fixtures}tissue.png`), "bad-file", /is a PNG file, not a TIFF/);
  await checkFailure(openTiff(path("none.tif")), "cannot-read", /no such file/);
});

/** A grey picture of one strip, all samples `value`. */
function grey(value: number, at: number, more: readonly TiffValue[], next = false): Buffer {
  const picture = { width: 4, height: 3, channels: 1, sampleFormat: "uint8", compression: "none" } as const;
  const fields = (strip: number): TiffValue[] => [
    ...pictureFields(picture),
    ...more,
    { tag: tags.RowsPerStrip, type: "long", values: [3] },
    { tag: tags.StripOffsets, type: "long", values: [strip] },
    { tag: tags.StripByteCounts, type: "long", values: [12] },
  ];
  const size = tiffDirectory(fields(0), at, false, () => 0).length;
  return Buffer.concat([tiffDirectory(fields(at + size), at, false, (end) => (next ? end + 16 : 0)), Buffer.alloc(16, value)]);
}

const inch = 2;
const centimetre = 3;
const none = 1;
const perUnit = (count: number, unit: number): TiffValue[] => [
  { tag: tags.XResolution, type: "rational", values: [count] },
  { tag: tags.ResolutionUnit, type: "short", values: [unit] },
];
const described = (values: string): TiffValue => ({ tag: tags.ImageDescription, type: "ascii", values });

test.each<[what: string, fields: TiffValue[], micrometres: number | undefined]>([
  ["nothing", [], undefined],
  ["a screen's 72 dots an inch", perUnit(72, inch), undefined],
  ["a print's 300 dots an inch", perUnit(300, inch), undefined],
  ["40,000 a centimetre", perUnit(40_000, centimetre), 0.25],
  ["50,800 an inch", perUnit(50_800, inch), 0.5],
  ["no unit", perUnit(2, none), undefined],
  [
    "Aperio's line",
    [described("Aperio Image Library v11\r\n46000x32914 [0,100 46000x32814] (256x256)|AppMag = 20|MPP = 0.4990|Left = 25")],
    0.499,
  ],
  ["OME's XML", [described('<?xml version="1.0"?><OME><Pixels PhysicalSizeX="325" PhysicalSizeXUnit="nm" SizeX="4"/></OME>')], 0.325],
  ["OME's XML without a unit", [described('<OME><Pixels PhysicalSizeX="0.65"/></OME>')], 0.65],
  ["ImageJ's microns", [described("ImageJ=1.53t\nunit=micron\n"), ...perUnit(4, none)], 0.25],
  ["zero", perUnit(0, centimetre), undefined],
])("micrometres a pixel from %s", async (_, fields, micrometres) => {
  await writeFile(path("a.tif"), Buffer.concat([tiffHeader(false, 8), grey(7, 8, fields)]));
  const tiff = await openTiff(path("a.tif"));
  if (micrometres === undefined) expect(tiff.resolution).toBeUndefined();
  else expect(tiff.resolution).toBeCloseTo(micrometres, 6);
  expect((await tiff.readRegion(0, 0, 4, 3)).data).toEqual(new Uint8Array(12).fill(7));
  await tiff.close();
});

test("smaller copies before the picture are passed over", async () => {
  const reduced = grey(1, 8, [{ tag: tags.NewSubfileType, type: "long", values: [1] }], true);
  const full = grey(2, 8 + reduced.length, []);
  await writeFile(path("b.tif"), Buffer.concat([tiffHeader(false, 8), reduced, full]));
  expect((await readImage(path("b.tif"))).data[0]).toBe(2);
});

test("an SVS is a TIFF by its content", async () => {
  await copyFile(`${fixtures}jpeg-ycc.tif`, path("slide.svs"));
  expect((await readImage(path("slide.svs"))).source?.format).toBe("tiff");
});
