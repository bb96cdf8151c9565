import { expect, test } from "vitest";
import { cover, inBands } from "../../src/dense/tiles.ts";

const tiles = cover({ height: 50, width: 100 }, { height: 20, width: 30 });

test("tiles come band by band, each from top to bottom", () => {
  const places = inBands(tiles, 60).map(({ top, left }) => [top, left]);
  expect(places).toEqual([[0, 0], [0, 30], [20, 0], [20, 30], [40, 0], [40, 30], [0, 60], [0, 90], [20, 60], [20, 90], [40, 60], [40, 90]]);
});

test("a band as wide as the map leaves them as they are", () => {
  expect(inBands(tiles, 100)).toEqual(tiles);
});
