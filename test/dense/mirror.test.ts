import fc from "fast-check";
import { expect, test } from "vitest";
import { mirrored, mirroredSpan } from "../../src/dense/mirror.ts";

test.each([
  // from, size, and what numpy.pad(range(size), …, "symmetric") gives there
  { from: -2, size: 3, sees: [1, 0, 0, 1, 2, 2, 1] },
  { from: 1, size: 4, sees: [1, 2] },
  { from: 3, size: 4, sees: [3, 3, 2, 1, 0, 0, 1] },
  { from: -7, size: 2, sees: [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1] },
  { from: -3, size: 1, sees: [0, 0, 0, 0, 0, 0] },
])("rows from $from of $size are seen as $sees", ({ from, size, sees }) => {
  expect(sees.map((_, i) => mirrored(from + i, size))).toEqual(sees);
});

test("mirroring walks to a neighbour or stays, turns at the edges only, and repeats", () => {
  fc.assert(
    fc.property(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 1, max: 60 }), (index, size) => {
      const here = mirrored(index, size);
      const next = mirrored(index + 1, size);
      expect(here).toBeGreaterThanOrEqual(0);
      expect(here).toBeLessThan(size);
      if (here === next) expect([0, size - 1]).toContain(here);
      else expect(Math.abs(here - next)).toBe(1);
      expect(mirrored(index + 2 * size, size)).toBe(here);
      if (index >= 0 && index < size) expect(here).toBe(index);
    }),
  );
});

test("a span names the part of the axis it needs, no more", () => {
  fc.assert(
    fc.property(fc.integer({ min: -80, max: 80 }), fc.nat(90), fc.integer({ min: 1, max: 40 }), (from, extra, size) => {
      const length = extra + 1;
      const { start, length: needed, index } = mirroredSpan(from, length, size);
      const seen = Array.from(index, (at) => start + at);
      expect(seen).toEqual(Array.from({ length }, (_, i) => mirrored(from + i, size)));
      expect(start).toBe(Math.min(...seen));
      expect(start + needed - 1).toBe(Math.max(...seen));
    }),
  );
});
