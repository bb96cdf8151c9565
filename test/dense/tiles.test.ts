import { expect, test } from "vitest";
import { cover, inBlocks } from "../../src/dense/tiles.ts";

const tiles = cover({ height: 50, width: 100 }, { height: 20, width: 30 });

test("tiles come block by block", () => {
  const places = inBlocks(tiles, { height: 40, width: 60 }).map(({ top, left }) => [top, left]);
  expect(places).toEqual([[0, 0], [0, 30], [20, 0], [20, 30], [0, 60], [0, 90], [20, 60], [20, 90], [40, 0], [40, 30], [40, 60], [40, 90]]);
});

test("blocks as high as the map are bands", () => {
  const places = inBlocks(tiles, { height: Infinity, width: 60 }).map(({ top, left }) => [top, left]);
  expect(places).toEqual([[0, 0], [0, 30], [20, 0], [20, 30], [40, 0], [40, 30], [0, 60], [0, 90], [20, 60], [20, 90], [40, 60], [40, 90]]);
});

test("a block as large as the map leaves them as they are", () => {
  expect(inBlocks(tiles, { height: 50, width: 100 })).toEqual(tiles);
});
