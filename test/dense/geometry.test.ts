import fc from "fast-check";
import { expect, test } from "vitest";
import { checkImageSize, inputFor, lead, outputsOf, samplesOf } from "../../src/dense/geometry.ts";
import type { Geometry } from "../../src/dense/geometry.ts";
import { windowAt } from "../../src/dense/tiles.ts";
import { sentence } from "../../src/text/failure.ts";
import type { Failure } from "../../src/text/failure.ts";

const nuclei: Geometry = { patch: { height: 32, width: 32 }, stride: { height: 4, width: 4 } };

test.each([
  { patch: 32, pixel: 0, first: -16, last: 15 },
  { patch: 32, pixel: 100, first: 84, last: 115 },
  { patch: 33, pixel: 0, first: -16, last: 16 },
  { patch: 1, pixel: 5, first: 5, last: 5 },
])("a patch of $patch sees pixel $pixel through rows $first to $last", ({ patch, pixel, first, last }) => {
  const geometry = { patch: { height: patch, width: 32 }, stride: { height: 4, width: 4 } };
  const { top } = windowAt(pixel, 0, geometry);
  expect([top, top + patch - 1]).toEqual([first, last]);
});

test("an image of 2,000 mirrored by half the patch gives 501 outputs of nuclei32, which are its samples", () => {
  const before = lead(nuclei.patch);
  const mirroredImage = { height: 2000 + 2 * before.height, width: 2000 + 2 * before.width };
  expect(outputsOf(mirroredImage, nuclei)).toEqual({ height: 501, width: 501 });
  expect(samplesOf({ height: 2000, width: 2000 }, nuclei)).toEqual({ height: 501, width: 501 });
});

const extent = (max: number) => fc.record({ height: fc.integer({ min: 1, max }), width: fc.integer({ min: 1, max }) });
const geometries = fc.record({ patch: extent(70), stride: extent(9) });

test("samples reach the last pixel and go no stride beyond it", () => {
  fc.assert(
    fc.property(extent(300), geometries, (image, geometry) => {
      const last = (samplesOf(image, geometry).height - 1) * geometry.stride.height;
      expect(last).toBeGreaterThanOrEqual(image.height - 1);
      expect(last).toBeLessThan(image.height - 1 + geometry.stride.height);
    }),
  );
});

test("inputFor is the smallest input of so many outputs", () => {
  fc.assert(
    fc.property(extent(60), geometries, (outputs, geometry) => {
      const input = inputFor(outputs, geometry);
      expect(outputsOf(input, geometry)).toEqual(outputs);
      expect(outputsOf({ height: input.height - 1, width: input.width }, geometry).height).toBe(outputs.height - 1);
    }),
  );
});

test("an image smaller than the patch is refused with both sizes", () => {
  expect(() => { checkImageSize({ height: 32, width: 32 }, nuclei); }).not.toThrow();
  try {
    checkImageSize({ height: 31, width: 1400 }, nuclei, "strip.png");
    expect.unreachable();
  } catch (error) {
    expect(sentence(error as Failure)).toBe(
      "strip.png: the image is 31 rows x 1,400 columns, smaller than the net's patch of 32 rows x 32 columns. " +
        "Most of what the net sees would be mirrored edges; use a larger image.",
    );
  }
});
