import { expect, test } from "vitest";
import { inMemory } from "../../src/image/picture-source.ts";
import { tissueMask } from "../../src/image/tissue.ts";

type Colour = readonly number[];

/** A picture that is `background` but for a rectangle of `tissue`, both a little noisy. */
function slide(width: number, height: number, background: Colour, tissue: Colour, spot = { top: 40, left: 60, height: 30, width: 50 }) {
  const channels = background.length as 1 | 3;
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    const inside = x >= spot.left && x < spot.left + spot.width && y >= spot.top && y < spot.top + spot.height;
    return Math.min(255, (inside ? tissue : background)[i % channels]! + ((Math.imul(i, 0x9e3779b1) >>> 29) - 4));
  });
  return inMemory({ width, height, channels, data });
}

const white = [243, 242, 245];
const pink = [214, 154, 200];

test.each([
  { name: "pink on white", background: white, tissue: pink, share: 1 / 32 },
  { name: "grey on white", background: [240], tissue: [120], share: 1 / 32 },
  { name: "faint on greyish white", background: [222, 220, 224], tissue: [225, 190, 210], share: 1 / 32 },
  { name: "white alone", background: white, tissue: white, share: 0 },
  { name: "tissue alone", background: pink, tissue: pink, share: 1 },
  { name: "two tissues", background: pink, tissue: [120, 60, 140], share: 1 },
  { name: "bright on black", background: [4, 4, 4], tissue: [30, 200, 40], share: 1 },
])("$name", async ({ background, tissue, share }) => {
  const { mask } = await tissueMask(slide(240, 200, background, tissue));
  expect(mask.reduce((a, b) => a + b, 0) / mask.length).toBeCloseTo(share, 2);
});

test("rectangles that touch tissue have it, wherever it lies, on a copy of a large picture", async () => {
  const spot = { top: 1500, left: 2600, height: 300, width: 200 };
  const tissue = await tissueMask(slide(3100, 2050, white, pink, spot));
  expect([tissue.scale, tissue.width, tissue.height]).toEqual([4, 775, 513]);
  const has = (top: number, left: number, side: number): boolean => tissue.has({ top, left, height: side, width: side });
  expect([has(1500, 2600, 1), has(1799, 2799, 1), has(1400, 2500, 400), has(1600, 2700, 10)]).toEqual([true, true, true, true]);
  expect([has(0, 0, 1400), has(1900, 2600, 150), has(1500, 2000, 590), has(2049, 3099, 1)]).toEqual([false, false, false, false]);
});
