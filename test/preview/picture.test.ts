import { expect, test } from "vitest";
import { overviewOf } from "../../src/preview/picture.ts";

test("a picture in small holds the mean of each block, of part of one at the edges", () => {
  const width = 2162;
  const height = 5;
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 256);
  const small = overviewOf({ width, height, channels: 3, data })!;
  expect([small.factor, small.pixels.length]).toEqual([4, 541 * 2 * 3]);
  const mean = (column: number, row: number, channel: number): number => {
    const block = [];
    for (let y = 4 * row; y < Math.min(height, 4 * row + 4); y++) for (let x = 4 * column; x < Math.min(width, 4 * column + 4); x++) block.push(data[(y * width + x) * 3 + channel]!);
    return Math.round(block.reduce((a, b) => a + b) / block.length);
  };
  for (const [column, row] of [[0, 0], [300, 0], [540, 0], [540, 1], [17, 1]] as const) {
    for (let channel = 0; channel < 3; channel++) expect(small.pixels[(row * 541 + column) * 3 + channel]).toBe(mean(column, row, channel));
  }
});

test("a picture that is small itself has none", () => {
  expect(overviewOf({ width: 1400, height: 9, channels: 1, data: new Uint8Array(1400 * 9) })).toBeUndefined();
});
