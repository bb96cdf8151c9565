import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapRaster, pictureRaster, writePixels, writeValues } from "../../webview/raster.ts";
import type { Region } from "../../webview/raster.ts";
import { followChanges } from "../../webview/render/changes.ts";
import type { Drawing, DrawnPane } from "../../webview/render/drawing.ts";
import { software, softwareAgain } from "../../webview/render/software.ts";

const size = { width: 90, height: 60 };
const view = { width: 80, height: 50 };
const colours = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

/** Two panes side by side over one picture with two maps, both half computed. */
function scene() {
  const picture = pictureRaster(size.width, size.height);
  const front = mapRaster(size.width, size.height);
  const back = mapRaster(size.width, size.height);
  const number = (at: number): number => ((at * 2654435761) % 1000) / 1000;
  const paint = ({ left, top, width, height }: Region, seed: number) => {
    writePixels(picture, { left, top, width, height }, Uint8Array.from({ length: 3 * width * height }, (_, i) => 255 * number(i + seed)));
  };
  const compute = (map: typeof front, region: Region, seed: number) => {
    writeValues(map, region, Float32Array.from({ length: region.width * region.height }, (_, i) => number(i + seed)), () => undefined);
  };
  paint({ left: 0, top: 0, ...size }, 1);
  compute(front, { left: 0, top: 0, width: 50, height: 60 }, 2);
  compute(back, { left: 0, top: 0, width: 90, height: 30 }, 3);
  const drawing = (left: number, top: number, step: number, change: Partial<DrawnPane> = {}): Drawing => ({
    ...view, ratio: 1, background: [10, 20, 30],
    panes: [0, 40].map((start) => ({
      clip: { left: start, top: 0, width: start === 0 ? 38 : 40, height: 50 }, left: left + start, top, step, picture, front, back,
      difference: false, low: 0, high: 1, colours, opacity: 0.5, threshold: 0.4, contour: true, above: false, ...change,
    })),
  });
  return { picture, front, back, paint, compute, drawing };
}

const regions = fc.record({ left: fc.nat(80), top: fc.nat(50), width: fc.integer({ min: 1, max: 10 }), height: fc.integer({ min: 1, max: 10 }) });
const happenings = fc.oneof(
  fc.record({ what: fc.constant("pan" as const), x: fc.integer({ min: -50, max: 50 }), y: fc.integer({ min: -60, max: 60 }) }),
  fc.record({ what: fc.constantFrom("picture" as const, "front" as const, "back" as const), region: regions, seed: fc.nat(1000) }),
  fc.record({ what: fc.constant("threshold" as const), threshold: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

describe("changes between drawings", () => {
  it("give what drawing all of it anew gives", () => {
    fc.assert(fc.property(fc.constantFrom(0.4, 0.9, 1, 1.3, 2.7), fc.array(fc.array(happenings, { maxLength: 3 }), { maxLength: 6 }), (step, frames) => {
      const { picture, front, back, paint, compute, drawing } = scene();
      const changes = followChanges();
      let place = { left: 3, top: -4 };
      let threshold = 0.4;
      changes.next(drawing(place.left, place.top, step));
      let pixels = software(drawing(place.left, place.top, step));
      for (const frame of frames) {
        for (const each of frame) {
          if (each.what === "pan") place = { left: place.left + each.x, top: place.top + each.y };
          else if (each.what === "threshold") ({ threshold } = each);
          else {
            if (each.what === "picture") paint(each.region, each.seed);
            else compute(each.what === "front" ? front : back, each.region, each.seed);
            changes.written({ picture, front, back }[each.what], each.region);
          }
        }
        const next = drawing(place.left, place.top, step, { threshold });
        const changed = changes.next(next);
        if (changed === undefined) pixels = software(next);
        else softwareAgain(next, changed, pixels);
        expect(Buffer.compare(Buffer.from(pixels.buffer), Buffer.from(software(next).buffer))).toBe(0);
      }
    }), { numRuns: 300 });
  });

  it("are small where little happens, and all there is where much does", () => {
    const { front, drawing } = scene();
    const changes = followChanges();
    expect(changes.next(drawing(0, 0, 1))).toBeUndefined();
    expect(changes.next(drawing(0, 0, 1))!.map(({ moved, parts }) => [moved, parts])).toEqual([[undefined, []], [undefined, []]]);
    expect(changes.next(drawing(5, -3, 1))![0]).toMatchObject({
      moved: { to: { left: 5, top: 0, width: 33, height: 47 }, right: 5, down: -3 },
      parts: [{ left: 0, top: 0, width: 5, height: 50 }, { left: 5, top: 47, width: 33, height: 3 }],
    });
    changes.written(front, { left: 10, top: 10, width: 2, height: 2 });
    const [{ parts } = { parts: [] }] = changes.next(drawing(5, -3, 1))!;
    expect(parts).toHaveLength(1);
    expect(parts[0]!.width * parts[0]!.height).toBeLessThan(150);
    for (const other of [drawing(5, -3, 1, { opacity: 0.6 }), drawing(5, -3, 1.1), drawing(200, -3, 1.1), { ...drawing(200, -3, 1.1), width: 81 }]) expect(changes.next(other)).toBeUndefined();
    for (let i = 0; i < 40; i++) changes.written(front, { left: i, top: 0, width: 1, height: 1 });
    expect(changes.next({ ...drawing(200, -3, 1.1), width: 81 })).toBeUndefined();
  });
});
