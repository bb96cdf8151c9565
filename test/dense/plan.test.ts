import fc from "fast-check";
import { expect, test } from "vitest";
import { inputFor, lead, samplesOf } from "../../src/dense/geometry.ts";
import type { Region } from "../../src/dense/fill.ts";
import type { Extent, Geometry } from "../../src/dense/geometry.ts";
import { fitInput, planMap, planPixels } from "../../src/dense/plan.ts";
import type { Method, Plan } from "../../src/dense/plan.ts";
import { pasteTile, placeOutputs } from "../../src/dense/stitch.ts";
import { cover } from "../../src/dense/tiles.ts";

/**
 * The map of a net whose output names the pixel it stands for, row * 1000 + column.
 *
 * The net gives a row and a column more than the plan counts on, as rounding-up pools do; they name no pixel.
 */
function namedPixels(plan: Plan, { patch, stride }: Geometry): Float32Array {
  const before = lead(patch);
  const map = new Float32Array(plan.map.height * plan.map.width).fill(NaN);
  const height = plan.outputs.height + 1;
  const width = plan.outputs.width + 1;
  for (const tile of plan.tiles) {
    const filled = plan.interpolation?.samples(tile) ?? tile;
    const values = new Float32Array(filled.height * filled.width).fill(NaN);
    let passes = 0;
    for (const pass of plan.passes(tile)) {
      passes++;
      expect(pass.length).toBeGreaterThan(0);
      expect(pass.length).toBeLessThanOrEqual(plan.batch);
      for (const { source, target } of pass) {
        const data = new Float32Array(height * width).fill(-1);
        for (let i = 0; i < plan.outputs.height; i++) {
          for (let j = 0; j < plan.outputs.width; j++) {
            data[i * width + j] = (source.top + before.height + i * stride.height) * 1000 + source.left + before.width + j * stride.width;
          }
        }
        placeOutputs(values, filled, { data, offset: 0, height, width }, target, plan.step);
      }
    }
    expect(passes).toBe(plan.passCount(tile));
    pasteTile(map, plan.map, tile, plan.interpolation === undefined ? values : pickSamples(plan, tile, values, stride));
  }
  return map;
}

/** A tile's pixels, named where every sample around them is in its place, else NaN. */
function pickSamples(plan: Plan, tile: Region, samples: Float32Array, stride: Extent): Float32Array {
  const { top, left, width } = plan.interpolation!.samples(tile);
  const grid = samplesOf(plan.map, { patch: stride, stride });
  return Float32Array.from({ length: tile.height * tile.width }, (_, i) => {
    const [row, column] = [tile.top + Math.floor(i / tile.width), tile.left + (i % tile.width)];
    const [y, x] = [Math.floor(row / stride.height), Math.floor(column / stride.width)];
    for (let dy = -1; dy <= 2; dy++) {
      for (let dx = -1; dx <= 2; dx++) {
        const [sy, sx] = [y + dy, x + dx];
        if (sy < 0 || sx < 0 || sy >= grid.height || sx >= grid.width) continue;
        if (samples[(sy - top) * width + sx - left] !== sy * stride.height * 1000 + sx * stride.width) return NaN;
      }
    }
    return row * 1000 + column;
  });
}

const extent = (max: number) => fc.record({ height: fc.integer({ min: 1, max }), width: fc.integer({ min: 1, max }) });

test.each([
  { method: "naive" }, { method: "simple" }, { method: "advanced" }, { method: "dense" },
] as const satisfies readonly { method: Method }[])("$method fills every place of the map with the pixel it stands for", ({ method }) => {
  fc.assert(
    fc.property(extent(90), extent(20), extent(7), extent(12), fc.integer({ min: 1, max: 9 }), (image, patch, strides, someOutputs, batch) => {
      // Between samples there must be some to interpolate from.
      const outputs = method === "simple" ? { height: someOutputs.height + 3, width: someOutputs.width + 3 } : someOutputs;
      const geometry = { patch, stride: method === "dense" ? { height: 1, width: 1 } : strides };
      const net = { ...(method === "naive" ? patch : inputFor(outputs, geometry)), batch };
      const plan = planMap(method, image, geometry, net);
      const expected = Float32Array.from({ length: image.height * image.width }, (_, at) => Math.floor(at / image.width) * 1000 + (at % image.width));
      expect(plan.map).toEqual(image);
      expect(namedPixels(plan, geometry)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("chosen pixels fill a row in their order", () => {
  const geometry = { patch: { height: 13, width: 12 }, stride: { height: 2, width: 3 } };
  const pixels = Array.from({ length: 23 }, (_, i) => ({ row: (i * 31) % 77, column: (i * 17) % 50 }));
  const names = Float32Array.from(pixels, ({ row, column }) => row * 1000 + column);
  expect(namedPixels(planPixels(pixels, geometry, 5), geometry)).toEqual(names);
  expect(planPixels([], geometry, 5).tiles).toEqual([]);
});

test("a net in dense form has stride 1", () => {
  const geometry = { patch: { height: 12, width: 12 }, stride: { height: 2, width: 2 } };
  expect(() => planMap("dense", { height: 30, width: 30 }, geometry, { height: 12, width: 12, batch: 1 })).toThrow("stride 1");
});

test("advanced takes stride x stride runs a tile, fewer where a batch holds several shifts or the tile is narrower than the stride", () => {
  const geometry = { patch: { height: 32, width: 32 }, stride: { height: 4, width: 4 } };
  const count = (image: Extent, batch: number): number[] => {
    const plan = planMap("advanced", image, geometry, { height: 60, width: 60, batch });
    return plan.tiles.map((tile) => plan.passCount(tile));
  };
  expect(count({ height: 32, width: 33 }, 1)).toEqual([16, 4]);
  expect(count({ height: 32, width: 32 }, 5)).toEqual([4]);
});

test("fitted inputs stay within the limit, take no more tiles than it needs, and leave less than one output per tile unused", () => {
  fc.assert(
    fc.property(extent(400), extent(40), extent(7), extent(90), (image, patch, strides, room) => {
      for (const method of ["simple", "advanced", "dense"] as const) {
        const stride = method === "dense" ? { height: 1, width: 1 } : strides;
        const geometry: Geometry = { patch, stride };
        const limit = { height: patch.height + stride.height * 3 + room.height - 1, width: patch.width + stride.width * 3 + room.width - 1 };
        const input = fitInput(method, image, geometry, limit);
        const most = planMap(method, image, geometry, { ...limit, batch: 1 });
        const plan = planMap(method, image, geometry, { ...input, batch: 1 });
        expect(input.height).toBeLessThanOrEqual(limit.height);
        expect(input.width).toBeLessThanOrEqual(limit.width);
        expect(plan.tiles.length).toBe(most.tiles.length);
        expect((input.height - patch.height) % stride.height).toBe(0);
        const [first] = plan.tiles;
        const down = new Set(plan.tiles.map(({ top }) => top)).size;
        if (down > 1) expect(down * first!.height - image.height).toBeLessThan(down * stride.height);
      }
    }),
  );
});

test("tiles cover a map once, row after row", () => {
  expect(cover({ height: 5, width: 4 }, { height: 3, width: 3 })).toEqual([
    { top: 0, left: 0, height: 3, width: 3 },
    { top: 0, left: 3, height: 3, width: 1 },
    { top: 3, left: 0, height: 2, width: 3 },
    { top: 3, left: 3, height: 2, width: 1 },
  ]);
});

test("large images take tiles of a power of two", () => {
  const image = { height: 20_000, width: 4_000 };
  const stride = { height: 4, width: 4 };
  const patch = { height: 16, width: 16 };
  const outputs = (method: "dense" | "simple", side: number) => {
    const geometry = method === "dense" ? { patch, stride: { height: 1, width: 1 } } : { patch, stride };
    const tile = planMap(method, image, geometry, { batch: 1, ...fitInput(method, image, geometry, { height: side, width: side }) }).tiles[0]!;
    return [tile.height, tile.width];
  };
  expect(outputs("dense", 16 + 799)).toEqual([512, 800]);
  expect(outputs("simple", 16 + 512 + 12)).toEqual([512, 500]);
});
