import { readFileSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readImage } from "../../src/image/image.ts";
import { openTiff } from "../../src/image/tiff-region.ts";
import { checkFailure, checkPictureOrFailure, fixtures, scratchFolder } from "./scratch.ts";

const path = scratchFolder();

const victims = readdirSync(fixtures)
  .filter((name) => /^(tissue|palette)\.png$|\.jpg$|\.tif$/.test(name))
  .map((name) => [name, readFileSync(fixtures + name)] as const);

test.each(victims)("every way of cutting %s short", async (_, bytes) => {
  const cuts = Math.min(bytes.length, 60);
  for (let i = 0; i < cuts; i++) {
    const whole = await checkPictureOrFailure(path("cut"), bytes.subarray(0, Math.floor((i * bytes.length) / cuts)));
    // A PNG or JPEG without its end is no picture; a TIFF may have what it needs before its last bytes.
    if (bytes[0] !== 0x49 && bytes[0] !== 0x4d) expect(whole).toBe(false);
  }
});

test.each(victims)("flipped bits and foreign bytes in %s", async (_, bytes) => {
  // The header decides most: half of the changes go there.
  const place = fc.oneof(fc.nat(Math.min(bytes.length, 300) - 1), fc.nat(bytes.length - 1));
  const change = fc.record({ at: place, value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.nat(255)) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const other = Uint8Array.from(bytes);
      for (const { at, value } of changes) other[at] = value;
      await checkPictureOrFailure(path("flipped"), other);
    }),
    { numRuns: 25, seed: 7 },
  );
});

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(width: number, height: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(data)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

async function checkRefused(bytes: Uint8Array, words: RegExp): Promise<void> {
  await writeFile(path("hostile"), bytes);
  await checkFailure(readImage(path("hostile")), "bad-file", words);
}

test("a PNG that declares too much is refused before it is unpacked", async () => {
  await checkRefused(
    png(100_000, 100_000, new Uint8Array(10)),
    /declares 100,000 x 100,000 pixels, 30.0 GB in memory; the limit is 1.1 GB. Cut it/,
  );
  await checkRefused(png(0, 5, new Uint8Array(10)), /declares a size of 0 x 5/);
  await checkRefused(png(2 ** 32 - 1, 2 ** 32 - 1, new Uint8Array(10)), /declares 4,294,967,295/);
});

test("a PNG that unpacks to more than it declares is not unpacked", async () => {
  await checkRefused(png(2, 2, new Uint8Array(2 ** 26)), /holds more picture data than it declares/);
});

test("a PNG with less data than it declares, and one with a wrong checksum", async () => {
  await checkRefused(png(100, 100, new Uint8Array(5000)), /truncated/);
  const bytes = png(2, 2, new Uint8Array(14));
  bytes[18] = 3;
  await checkRefused(bytes, /byte 8: the checksum of its IHDR chunk is wrong/);
});

test("the caller's own limit holds", async () => {
  await checkFailure(readImage(`${fixtures}tissue.png`, { maxBytes: 2834 }), "bad-file", /the limit is 3 KB/);
  expect((await readImage(`${fixtures}tissue.png`, { maxBytes: 2835 })).data.length).toBe(2835);
  await checkFailure(readImage(`${fixtures}baseline-420.jpg`, { maxBytes: 2834 }), "bad-file", /the limit/);
  await checkFailure(readImage(`${fixtures}lzw-tiles.tif`, { maxBytes: 2835 }), "bad-file", /declares 80 x 70/);
});

test("a JPEG that declares too much", async () => {
  const jpeg = Buffer.from(readFileSync(`${fixtures}progressive-420.jpg`));
  const frame = jpeg.indexOf(Buffer.of(0xff, 0xc2));
  jpeg.writeUInt16BE(65_500, frame + 5);
  jpeg.writeUInt16BE(65_500, frame + 7);
  await checkRefused(jpeg, /declares 65,500 x 65,500 pixels/);
});

test("a JPEG whose scans never end", async () => {
  const jpeg = readFileSync(`${fixtures}progressive-grey.jpg`);
  const scan = jpeg.indexOf(Buffer.of(0xff, 0xda));
  const next = jpeg.indexOf(Buffer.of(0xff, 0xc4), scan);
  const once = jpeg.subarray(scan, next);
  await checkRefused(Buffer.concat([jpeg.subarray(0, scan), ...Array.from({ length: 300 }, () => once)]), /more than 256 times/);
});

test("rare kinds of JPEG are named", async () => {
  const jpeg = Buffer.from(readFileSync(`${fixtures}baseline-444.jpg`));
  const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
  jpeg[frame + 1] = 0xc9;
  await checkRefused(jpeg, /rare kind \(arithmetic coding\)/);
  jpeg[frame + 1] = 0xc1;
  jpeg[frame + 4] = 12;
  await checkRefused(jpeg, /12 bits a sample/);
});

type Entry = readonly [tag: number, type: 3 | 4, ...values: number[]];

/** A little classic TIFF of these fields, with `rest` behind its directory. */
function tiff(entries: readonly Entry[], rest = new Uint8Array(0)): Buffer {
  const out = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  out.write("II*\0", 0, "latin1");
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, type, ...values], i) => {
    const at = 10 + 12 * i;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(values.length, at + 4);
    values.forEach((value, k) => (type === 3 ? out.writeUInt16LE(value, at + 8 + 2 * k) : out.writeUInt32LE(value, at + 8 + 4 * k)));
  });
  return Buffer.concat([out, rest]);
}

const grey: readonly Entry[] = [
  [256, 4, 10],
  [257, 4, 10],
  [258, 3, 8],
  [259, 3, 1],
  [262, 3, 1],
  [273, 4, 130],
  [278, 4, 10],
  [279, 4, 100],
];
const changed = (...changes: readonly Entry[]): Entry[] =>
  [...grey.filter(([tag]) => !changes.some(([other]) => tag === other)), ...changes].sort((a, b) => a[0] - b[0]);

test("TIFFs that lie", async () => {
  const data = new Uint8Array(200);
  await writeFile(path("plain"), tiff(grey, data));
  expect(await readImage(path("plain"))).toMatchObject({ width: 10, height: 10, channels: 1 });
  await checkRefused(tiff(changed([256, 4, 200_000], [257, 4, 200_000], [278, 4, 200_000]), data), /truncated/);
  await checkRefused(tiff(changed([256, 4, 2_000_000_000], [257, 4, 2_000_000_000]), data), /2,000,000,000 pixels; the limit is 50,000,000,000\. No setting allows that/);
  await checkRefused(tiff(changed([256, 4, 4_000_000_000]), data), /declares a size of 4,000,000,000/);
  await checkRefused(tiff(changed([256, 4, 0]), data), /declares a size of 0 x 10/);
  await checkRefused(tiff(changed([273, 4, 1000]), data), /truncated/);
  await checkRefused(tiff(changed([277, 3, 200]), data), /of 200 channels/);
  await checkRefused(tiff(changed([258, 3, 12]), data), /of 12 bits a sample/);
  await checkRefused(tiff(changed([259, 3, 34712]), data), /JPEG 2000/);
  await checkRefused(tiff(changed([258, 3, 32], [339, 3, 3]), data), /32-bit floating-point samples.*Save it as an 8-bit picture/);
  await checkRefused(tiff(changed([262, 3, 3]), data), /palette is missing/);
  await checkRefused(tiff(changed([278, 4, 1]), data), /list of its tiles or strips is incomplete/);
  const tiles: Entry[] = [
    [322, 4, 60_000],
    [323, 4, 60_000],
    [324, 4, 130],
    [325, 4, 50],
  ];
  await checkRefused(tiff(changed(...tiles, [259, 3, 8]), data), /declares 60,000 x 60,000 pixels, 3.6 GB in memory/);
  await checkRefused(tiff(changed(...tiles, [322, 4, 0]), data), /list of its tiles/);
});

test("a tile that unpacks to more than a tile", async () => {
  const bomb = deflateSync(new Uint8Array(2 ** 26));
  const rest = new Uint8Array(200_000);
  rest.set(bomb, 0);
  await checkRefused(tiff(changed([259, 3, 8], [279, 4, bomb.length]), rest), /strip 0 is (wrong|larger packed)/);
});

test("directories that go round in circles", async () => {
  const bytes = tiff(changed([254, 4, 1]), new Uint8Array(200));
  bytes.writeUInt32LE(8, 10 + 12 * 9);
  await writeFile(path("circle"), bytes);
  const image = await openTiff(path("circle"));
  expect(image.width).toBe(10);
  await image.close();
});
