import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scaleImage } from "../../src/image/scale.ts";
import { followSpread } from "../../src/preview/dropout.ts";
import { planJobs } from "../../src/preview/jobs.ts";
import { nearestFirst } from "../../src/preview/order.ts";
import { followProgress } from "../../src/preview/progress.ts";
import { refuse } from "../../src/preview/settings.ts";

test("progress tells rate and time left, and follows a machine that gets slower", () => {
  let now = 0;
  const progress = followProgress(1000, () => now);
  now = 1;
  expect(progress(100)).toEqual({ done: 100, total: 1000, pixelsPerSecond: 100, secondsLeft: 9 });
  now = 11;
  progress(200);
  now = 21;
  expect(progress(300)).toMatchObject({ pixelsPerSecond: 10, secondsLeft: 70 });
});

describe("parts of a map", () => {
  test("cover every pixel once, and their samples hold what interpolation needs", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 200 }), fc.integer({ min: 8, max: 90 }), fc.constantFrom([4, 4], [4, 2], [4, 1], [1, 1], [3, 1], [6, 3]), fc.integer({ min: 1, max: 64 }),
        (height, width, [stride, spacing], tile) => {
          const square = (side: number) => ({ height: side, width: side });
          const plan = planJobs({ height, width }, { patch: square(8), stride: square(stride) }, square(spacing), square(tile));
          const seen = new Uint8Array(height * width);
          for (const { region, samples, passes } of plan.jobs) {
            for (let y = 0; y < region.height; y++) for (let x = 0; x < region.width; x++) seen[(region.top + y) * width + region.left + x]!++;
            const first = Math.max(0, Math.floor(region.top / spacing) - (spacing > 1 ? 1 : 0));
            const last = Math.min(plan.grid.height - 1, Math.floor((region.top + region.height - 1) / spacing) + (spacing > 1 ? 2 : 0));
            expect(samples.top).toBeLessThanOrEqual(first);
            expect(samples.top + samples.height).toBeGreaterThan(last);
            // Every sample is given by one run.
            const shifts = new Set(passes.map(([window]) => `${window!.target.row} ${window!.target.column}`));
            expect(shifts.size).toBe(Math.min(plan.step.height, samples.height) * Math.min(plan.step.width, samples.width));
            expect(plan.outputs.height * plan.step.height).toBeGreaterThanOrEqual(samples.height);
          }
          expect(seen.every((times) => times === 1)).toBe(true);
        },
      ),
    );
  });

  test("come from where the user looks, outwards, and follow the eye", () => {
    const jobs = [0, 10, 20, 30, 40].map((left) => ({ region: { top: 0, left, height: 10, width: 10 } }));
    let view = { top: 0, left: 30, height: 10, width: 10 };
    const next = nearestFirst(jobs, () => view);
    const given = [next()!.region.left, next()!.region.left];
    view = { top: 0, left: 0, height: 10, width: 10 };
    for (let job = next(); job !== undefined; job = next()) given.push(job.region.left);
    expect([given[0], given[2], given[3]]).toEqual([30, 0, 10]);
    expect([...given].sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40]);
  });
});

test("mean and variance over runs", () => {
  const follow = followSpread(2);
  follow(Float32Array.of(1, 5));
  follow(Float32Array.of(2, 5));
  const { mean, variance } = follow(Float32Array.of(6, 5));
  expect([...mean]).toEqual([3, 5]);
  expect([...variance]).toEqual([7, 0]);
});

test.each([
  [{ scale: 0 }, /scale/],
  [{ resize: -1 }, /resize/],
  [{ mean: [] }, /mean/],
  [{ mean: [1, NaN, 2] }, /mean/],
  [{ dropoutRuns: 1 }, /2 to 1,000/],
  [{ provider: "quantum" }, /quantum/],
  [{ channels: "cmyk" }, /cmyk/],
  [{ classIndex: 1.5 }, /1.5/],
  [{ colour: 1 }, /there is no setting 'colour'/],
] as const)("settings %j are refused in words", (settings, says) => {
  expect(refuse(settings)).toMatch(says);
});

test("sound settings are taken", () => {
  expect(refuse({ mean: [104, 117, 123], scale: 0.00390625, resize: 0.5, displacement: 2, dropoutRuns: 20, provider: "webgpu", weights: "/a/b.caffemodel" })).toBeUndefined();
});

describe("scaling a picture", () => {
  const image = (width: number, height: number, value: (x: number, y: number) => number) => ({
    width, height, channels: 1 as const, data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
  });

  test("keeps a flat picture flat, and its size times the factor", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.double({ min: 0.1, max: 4, noNaN: true }), (width, height, factor) => {
        const scaled = scaleImage(image(width, height, () => 77), factor);
        expect([scaled.width, scaled.height]).toEqual([Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))]);
        expect(scaled.data.every((value) => value === 77)).toBe(true);
      }),
    );
  });

  test("takes the mean of what it covers, and stays in place", () => {
    expect([...scaleImage(image(8, 1, (x) => (x < 4 ? 0 : 200)), 0.5).data]).toEqual([0, 25, 175, 200]);
    expect([...scaleImage(image(2, 1, (x) => x * 100), 2).data]).toEqual([0, 25, 75, 100, 0, 25, 75, 100]);
  });
});
