import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Camera } from "../../webview/camera.ts";
import { fit, onWholePixels, pan, toPicture, toView, visible, zoomAt } from "../../webview/camera.ts";

const picture = { width: 512, height: 300 };
const view = { width: 800, height: 600 };

describe("camera", () => {
  it("fits the whole picture into the view, in its middle", () => {
    const camera = fit(picture, view);
    expect(camera).toMatchObject({ x: 256, y: 150 });
    expect(visible(camera, view, picture)).toEqual({ left: 0, top: 0, ...picture });
    expect(toView(camera, view, { x: 0, y: 0 }).x).toBeCloseTo(16);
  });

  it("draws the picture's corner on a whole device pixel, and moves it by as many as the hand does", () => {
    fc.assert(fc.property(cameras(), fc.constantFrom(1, 1.25, 1.5, 2), fc.integer({ min: -9, max: 9 }), (camera, ratio, moved) => {
      const corner = (each: Camera): number => toView(onWholePixels(each, view, ratio), view, { x: 0, y: 0 }).x * ratio;
      const exactly = toView(camera, view, { x: 0, y: 0 }).x * ratio;
      // One that lies between two may go to either.
      fc.pre(Math.abs(exactly - Math.floor(exactly) - 0.5) > 1e-3);
      expect(corner(camera)).toBeCloseTo(Math.round(exactly), 4);
      const after = { ...camera, x: camera.x - moved / ratio / camera.scale };
      expect(corner(after) - corner(camera)).toBeCloseTo(moved, 4);
    }));
  });

  it("goes from picture to view and back", () => {
    fc.assert(fc.property(cameras(), points(), (camera, at) => {
      const back = toView(camera, view, toPicture(camera, view, at));
      expect(back.x).toBeCloseTo(at.x, 6);
      expect(back.y).toBeCloseTo(at.y, 6);
    }));
  });

  it("keeps what is under the cursor there while zooming, wherever the middle may be", () => {
    fc.assert(fc.property(cameras(), points(), fc.double({ min: 0.2, max: 5, noNaN: true }), (camera, at, factor) => {
      const under = toPicture(camera, view, at);
      const zoomed = zoomAt(camera, view, picture, at, factor);
      const middle = { x: under.x - (at.x - view.width / 2) / zoomed.scale, y: under.y - (at.y - view.height / 2) / zoomed.scale };
      fc.pre(middle.x >= 0 && middle.x <= picture.width && middle.y >= 0 && middle.y <= picture.height);
      expect(toView(zoomed, view, under).x).toBeCloseTo(at.x, 6);
      expect(toView(zoomed, view, under).y).toBeCloseTo(at.y, 6);
    }));
  });

  it("neither loses the picture nor zooms without end", () => {
    let camera = fit(picture, view);
    for (let i = 0; i < 50; i++) camera = zoomAt(camera, view, picture, { x: 10, y: 10 }, 2);
    expect(camera.scale).toBe(64);
    for (let i = 0; i < 50; i++) camera = zoomAt(camera, view, picture, { x: 10, y: 10 }, 0.5);
    expect(camera.scale).toBeCloseTo(fit(picture, view).scale / 2);
    expect(pan(camera, picture, 1e6, -1e6)).toMatchObject({ x: 0, y: picture.height });
  });

  it("follows a drag pixel by pixel", () => {
    const camera: Camera = { x: 200, y: 100, scale: 4 };
    expect(pan(camera, picture, 8, -4)).toEqual({ x: 198, y: 101, scale: 4 });
  });
});

function cameras(): fc.Arbitrary<Camera> {
  return fc.record({ x: fc.double({ min: 0, max: 512, noNaN: true }), y: fc.double({ min: 0, max: 300, noNaN: true }), scale: fc.double({ min: 0.8, max: 64, noNaN: true }) });
}

function points(): fc.Arbitrary<{ x: number; y: number }> {
  return fc.record({ x: fc.double({ min: 0, max: 800, noNaN: true }), y: fc.double({ min: 0, max: 600, noNaN: true }) });
}
