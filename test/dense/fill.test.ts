import { expect, test } from "vitest";
import { fillPlanes, readWindow } from "../../src/dense/fill.ts";
import type { Region } from "../../src/dense/fill.ts";
import { mirrored } from "../../src/dense/mirror.ts";
import { channelCount, pixelTables } from "../../src/dense/preprocess.ts";
import type { Preprocessing } from "../../src/dense/preprocess.ts";
import { randomImage } from "../support/patch-net.ts";

/** Checks every value of a window against its definition, pixel by pixel. */
async function checkWindow(channels: number, size: readonly [number, number], window: Region, preprocessing: Preprocessing): Promise<void> {
  const image = randomImage(...size, channels);
  const planes = channelCount(preprocessing);
  const into = new Float32Array(planes * window.height * window.width).fill(NaN);
  fillPlanes(into, await readWindow(image, window), channels, preprocessing.channels, pixelTables(preprocessing));
  const expected = new Float32Array(into.length);
  for (let plane = 0, at = 0; plane < planes; plane++) {
    for (let i = 0; i < window.height; i++) {
      for (let j = 0; j < window.width; j++, at++) {
        const pixel = (mirrored(window.top + i, image.height) * image.width + mirrored(window.left + j, image.width)) * channels;
        const sample = (c: number): number => image.data[pixel + c]!;
        const value = {
          rgb: () => sample(channels < 3 ? 0 : plane),
          bgr: () => sample(channels < 3 ? 0 : 2 - plane),
          gray: () => (channels < 3 ? sample(0) : Math.round(0.299 * sample(0) + 0.587 * sample(1) + 0.114 * sample(2))),
        }[preprocessing.channels]();
        const mean = preprocessing.mean[preprocessing.mean.length === 1 ? 0 : plane] ?? 0;
        expected[at] = (value - mean) * preprocessing.scale;
      }
    }
  }
  // Rounding a weighted sum of three may differ by one step of 255.
  const tolerance = preprocessing.channels === "gray" && channels >= 3 ? preprocessing.scale * 1.001 : Math.abs(preprocessing.scale) * 1e-4;
  for (let at = 0; at < into.length; at++) expect(Math.abs(into[at]! - expected[at]!)).toBeLessThanOrEqual(tolerance);
}

const bgr: Preprocessing = { channels: "bgr", mean: [214.03, 154.44, 218.55], scale: 1 };
const rgb: Preprocessing = { ...bgr, channels: "rgb" };
const oneMean: Preprocessing = { ...bgr, mean: [104] };

test.each([
  { name: "inside", channels: 3, size: [20, 30], window: { top: 4, left: 5, height: 7, width: 9 }, preprocessing: bgr },
  { name: "over all edges", channels: 3, size: [20, 30], window: { top: -6, left: -7, height: 33, width: 44 }, preprocessing: bgr },
  { name: "right of the image", channels: 3, size: [20, 30], window: { top: 15, left: 31, height: 12, width: 5 }, preprocessing: bgr },
  { name: "larger than the image", channels: 3, size: [3, 2], window: { top: -9, left: -5, height: 22, width: 17 }, preprocessing: bgr },
  { name: "of one pixel", channels: 3, size: [1, 1], window: { top: -2, left: -2, height: 5, width: 5 }, preprocessing: bgr },
  { name: "rgb", channels: 3, size: [9, 8], window: { top: -1, left: -1, height: 9, width: 9 }, preprocessing: rgb },
  { name: "with alpha", channels: 4, size: [9, 8], window: { top: -1, left: -1, height: 9, width: 9 }, preprocessing: bgr },
  { name: "grey image for a colour net", channels: 1, size: [9, 8], window: { top: -1, left: 2, height: 9, width: 9 }, preprocessing: bgr },
  {
    name: "grey net", channels: 1, size: [9, 8], window: { top: -1, left: 2, height: 9, width: 9 },
    preprocessing: { channels: "gray", mean: [127.5], scale: 1 / 255 },
  },
  {
    name: "colour image for a grey net", channels: 3, size: [9, 8], window: { top: -1, left: 2, height: 9, width: 9 },
    preprocessing: { channels: "gray", mean: [], scale: 0.00390625 },
  },
  { name: "one mean for all", channels: 3, size: [9, 8], window: { top: 0, left: 0, height: 3, width: 3 }, preprocessing: oneMean },
] as const)("a window $name shows the mirrored image, preprocessed", async ({ channels, size, window, preprocessing }) => {
  await checkWindow(channels, size, window, preprocessing);
});
