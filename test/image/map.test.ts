import fc from "fast-check";
import { expect, test } from "vitest";
import { colorize, colormap, colormapNames } from "../../src/image/colormap.ts";
import { dice, difference } from "../../src/image/compare.ts";
import { bicubicUpsample, samplesAround, type GridRect } from "../../src/image/resize.ts";

// Entries 0, 64, 128, 192, 255 as d3-scale-chromatic has them, which are matplotlib's.
test.each([
  ["viridis", ["440154", "3b528b", "21918c", "5ec962", "fde725"]],
  ["magma", ["000004", "51127c", "b73779", "fc8961", "fcfdbf"]],
  ["inferno", ["000004", "57106e", "bc3754", "f98e09", "fcffa4"]],
  ["grey", ["000000", "404040", "808080", "c0c0c0", "ffffff"]],
] as const)("%s", (name, expected) => {
  const colors = Buffer.from(colormap(name));
  expect(colors.length).toBe(768);
  expect([0, 64, 128, 192, 255].map((i) => colors.toString("hex", i * 3, i * 3 + 3))).toEqual(expected);
});

test("every map grows lighter all the way", () => {
  for (const name of colormapNames) {
    const colors = colormap(name);
    const luma = Array.from({ length: 256 }, (_, i) => 0.299 * colors[3 * i]! + 0.587 * colors[3 * i + 1]! + 0.114 * colors[3 * i + 2]!);
    for (let i = 4; i < 256; i++) expect(luma[i]).toBeGreaterThan(luma[i - 4]!);
  }
});

test("values take the nearest colour; what is out of range, the ends", () => {
  const values = Float32Array.of(0, 1, 0.5, -3, 7, NaN, 0.25 / 255, 0.75 / 255);
  const rgb = colorize(values, "grey");
  expect(Array.from(rgb).filter((_, i) => i % 3 === 0)).toEqual([0, 255, 128, 0, 255, 0, 0, 1]);
});

test("differences", () => {
  expect(difference([0, 1, 2], [0, 1.5, 1])).toEqual({ largest: 1, at: 2, mean: 0.5 });
  expect(difference([], [])).toMatchObject({ largest: 0, mean: 0 });
  expect(difference([NaN, 1], [NaN, 1])).toMatchObject({ largest: 0 });
  expect(difference([1, NaN], [1, 1])).toEqual({ largest: Infinity, at: 1, mean: Infinity });
  expect(difference([Infinity], [Infinity])).toMatchObject({ largest: 0 });
  expect(() => difference([1], [])).toThrow(RangeError);
});

test("Dice", () => {
  expect(dice([0.5, 0.9, 0.1, 0.2], 0.5, [255, 0, 255, 0])).toBe(0.5);
  expect(dice([0.5, 0.4], 0.5, [1, 0])).toBe(1);
  expect(dice([0, 0], 0.5, [0, 0])).toBe(1);
  expect(dice([1, 0], 0.5, [0, 1])).toBe(0);
  expect(() => dice([1], 0.5, [])).toThrow(RangeError);
});

/** Pixels through samples that are all at hand. */
function upsampled(values: Float32Array, [height, width]: [number, number], [sy, sx]: [number, number], tile: GridRect): Float32Array {
  return bicubicUpsample({ height, width, stride: { height: sy, width: sx }, window: { top: 0, left: 0, height, width }, values }, tile);
}

test("upsampling is exact at the samples, and stays within 0..1", () => {
  const size = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      size,
      fc.nat(6),
      fc.nat(6),
      fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
      (rows, cols, sy, sx, moreY, moreX, values) => {
        const samples = Float32Array.from({ length: rows * cols }, () => values.next().value as number);
        const [height, width] = [(rows - 1) * sy + 1 + (moreY % sy), (cols - 1) * sx + 1 + (moreX % sx)];
        const map = upsampled(samples, [rows, cols], [sy, sx], { top: 0, left: 0, height, width });
        expect(map.length).toBe(height * width);
        for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) expect(map[i * sy * width + j * sx]).toBe(samples[i * cols + j]);
        expect(map.every((value) => value >= 0 && value <= 1)).toBe(true);
      },
    ),
    { seed: 5 },
  );
});

test("upsampling keeps planes, and parabolas away from the edge", () => {
  const [rows, cols, stride] = [8, 9, 4];
  const width = (cols - 1) * stride + 1;
  const height = (rows - 1) * stride + 1;
  // Keys's kernel with a = -1/2 is exact for polynomials up to the second degree.
  for (const [name, f] of [
    ["plane", (y: number, x: number) => 0.1 + 0.01 * y + 0.012 * x],
    ["parabola", (y: number, x: number) => 0.2 + 0.0004 * y * x + 0.0003 * x * x],
  ] as const) {
    const samples = Float32Array.from({ length: rows * cols }, (_, i) => f(Math.floor(i / cols) * stride, (i % cols) * stride));
    const map = upsampled(samples, [rows, cols], [stride, stride], { top: 0, left: 0, height, width });
    for (let y = stride; y < height - stride; y++) {
      for (let x = stride; x < width - stride; x++) expect(map[y * width + x], `${name} at ${x}, ${y}`).toBeCloseTo(f(y, x), 5);
    }
  }
});

test("between two samples, the cubic of the book", () => {
  // Half way: (-p0 + 9 p1 + 9 p2 - p3) / 16, edges repeated.
  const map = upsampled(Float32Array.of(0.25, 0.5, 0.75, 0.5), [1, 4], [1, 2], { top: 0, left: 0, height: 1, width: 7 });
  const edges = [(-0.25 + 9 * 0.25 + 9 * 0.5 - 0.75) / 16, (-0.25 + 9 * 0.5 + 9 * 0.75 - 0.5) / 16, (-0.5 + 9 * 0.75 + 9 * 0.5 - 0.5) / 16];
  expect([map[1], map[3], map[5]]).toEqual(edges.map(Math.fround));
  expect(upsampled(Float32Array.of(0, 1, 1, 0), [1, 4], [1, 2], { top: 0, left: 0, height: 1, width: 7 })[3]).toBe(1);
});

test("a tile upsampled from the samples around it is that part of the whole", () => {
  const side = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(side, side, side, side, fc.nat(), fc.nat(), fc.nat(), fc.nat(), (rows, cols, sy, sx, a, b, c, d) => {
      const samples = Float32Array.from({ length: rows * cols }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32);
      const [height, width] = [(rows - 1) * sy + 1, (cols - 1) * sx + 1];
      const whole = upsampled(samples, [rows, cols], [sy, sx], { top: 0, left: 0, height, width });
      const [top, left] = [a % height, b % width];
      const tile = { top, left, height: 1 + (c % (height - top)), width: 1 + (d % (width - left)) };
      const window = samplesAround(tile, { height: sy, width: sx });
      // What lies beyond the grid is never looked at.
      const values = Float32Array.from({ length: window.height * window.width }, (_, i) => {
        const [row, column] = [window.top + Math.floor(i / window.width), window.left + (i % window.width)];
        return row < 0 || column < 0 || row >= rows || column >= cols ? NaN : samples[row * cols + column]!;
      });
      const part = bicubicUpsample({ height: rows, width: cols, stride: { height: sy, width: sx }, window, values }, tile);
      const expected = part.map((_, i) => whole[(top + Math.floor(i / tile.width)) * width + left + (i % tile.width)]!);
      expect(part).toEqual(expected);
    }),
    { seed: 5 },
  );
});
