import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { channelMeans, readBinaryProto } from "../../src/weights/blob-file.ts";
import { hasReal, realFolder } from "../support/real.ts";
import { checkFailure, message, scratchFolder, shape, type Fields } from "./message.ts";

const samples = join(import.meta.dirname, "../../samples/nuclei32");
const scratch = scratchFolder();

test("the sample's mean image", async () => {
  const blob = await readBinaryProto(join(samples, "mean.binaryproto"));
  expect(blob.shape).toEqual([3, 32, 32]);
  const bytes = readFileSync(join(samples, "mean.binaryproto"));
  expect(blob.data[0]).toBe(bytes.readFloatLE(bytes.length - 3 * 32 * 32 * 4));
  const means = channelMeans(blob);
  expect(means).toHaveLength(3);
  for (const mean of means) expect(mean).toBeGreaterThan(100);
});

test.skipIf(!hasReal)("a mean image in the new form", async () => {
  const blob = await readBinaryProto(join(realFolder, "seed-author/nvcaffe-fcn/mean.binaryproto"));
  expect(blob.shape).toEqual([3, 64, 64]);
  expect(channelMeans(blob).every((mean) => mean > 0 && mean < 255)).toBe(true);
});

test("means are of the channels, exact where single precision is not", () => {
  expect(channelMeans({ shape: [2, 1, 3], data: new Float32Array([1, 2, 6, -1, -1, -4]) })).toEqual([3, -2]);
  const large = new Float32Array(1 << 20).fill(16_777_215);
  expect(channelMeans({ shape: [1, 1024, 1024], data: large })).toEqual([16_777_215]);
});

async function checkRefused(bytes: Uint8Array | Fields | string, words: RegExp): Promise<void> {
  const path = await scratch.file("mean.binaryproto", typeof bytes === "string" || bytes instanceof Uint8Array ? bytes : message(bytes));
  await checkFailure(async () => channelMeans(await readBinaryProto(path), path), "bad-file", words);
}

test("what is no mean image", async () => {
  await checkFailure(() => readBinaryProto(scratch.path("none")), "cannot-read", /no such file/);
  await checkFailure(() => readBinaryProto(samples), "cannot-read", /is a folder/);
  await checkRefused("", /is empty/);
  await checkRefused(readFileSync(join(samples, "nuclei32.caffemodel")), /is a caffemodel, not a mean image/);
  await checkRefused(readFileSync(join(samples, "deploy.prototxt")), /is a prototxt \(text\), not a mean image/);
  await checkRefused(readFileSync(join(samples, "tissue-301x257.png")), /is a PNG image, not a mean image/);
  const numpy = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  await checkRefused(numpy, /is a NumPy array, not a mean image\. .*can also be given as numbers/);
  const cut = readFileSync(join(samples, "mean.binaryproto")).subarray(0, 5000);
  await checkRefused(cut, /damaged in the blob \(byte 8 of 5,000\): a field is longer than what is left/);
  await checkRefused([shape(3, 2, 2)], /holds no values/);
  await checkRefused([shape(3, 2, 2), [5, new Float32Array(11)]], /says that it is 3 x 2 x 2, but holds 11 values/);
  await checkRefused([shape(2, 3, 2, 2), [5, new Float32Array(24)]], /is 2 x 3 x 2 x 2, not a mean image of channels x rows x columns/);
  await checkRefused([shape(3), [5, new Float32Array(3)]], /is 3, not a mean image/);
});
