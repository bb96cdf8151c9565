import { pan, toPicture, visible } from "../camera.ts";
import { context2d, el } from "../dom.ts";
import type { Model } from "../model.ts";
import type { Panel, Part } from "../panel.ts";
import { cameraOf, whenChanged } from "../panel.ts";
import { frameSize } from "../panes.ts";
import type { Raster } from "../raster.ts";

/** Longest side of the overview, in CSS pixels. */
const side = 120;

/** The whole picture in small, with a frame around what is in view; shown where there is more than that. A drag moves the view. */
export function navigatorMap(panel: Panel): Part {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const frame = el("div", { class: "navigator-frame" });
  const element = el("div", { class: "navigator", title: "Overview (N); drag to move" }, canvas, frame);
  const paint = whenChanged((...[raster]: [Raster<Uint8Array> | undefined, number]) => {
    if (raster !== undefined) drawThumbnail(canvas, raster);
  });
  const go = (event: PointerEvent): void => {
    const { model } = panel.store;
    if (model.picture === undefined) return;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const camera = cameraOf(model, panel.size());
    const at = { x: ((event.clientX - left) / width) * model.picture.width, y: ((event.clientY - top) / height) * model.picture.height };
    panel.store.tell({ type: "view", change: { camera: pan({ ...camera, ...at }, model.picture, 0, 0) } });
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    go(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) go(event);
  });
  return {
    element,
    update(model: Model) {
      const { picture } = model;
      const size = panel.size();
      const view = frameSize(model, size);
      const camera = cameraOf(model, size);
      const seen = picture && visible(camera, view, picture);
      const whole = seen === undefined || (seen.width === picture!.width && seen.height === picture!.height);
      element.hidden = whole || !model.view.navigator || size.width < 380;
      if (element.hidden || picture === undefined) return;
      paint(panel.pictures.picture, model.maps.simple === undefined ? model.pixels : 0);
      const scale = side / Math.max(picture.width, picture.height);
      const from = toPicture(camera, view, { x: 0, y: 0 });
      const to = toPicture(camera, view, { x: view.width, y: view.height });
      const limit = (at: number, end: number): number => Math.min(Math.max(at, 0), end) * scale;
      frame.style.left = `${limit(from.x, picture.width)}px`;
      frame.style.top = `${limit(from.y, picture.height)}px`;
      frame.style.width = `${limit(to.x, picture.width) - limit(from.x, picture.width)}px`;
      frame.style.height = `${limit(to.y, picture.height) - limit(from.y, picture.height)}px`;
    },
  };
}

function drawThumbnail(canvas: HTMLCanvasElement, raster: Raster<Uint8Array>): void {
  const scale = side / Math.max(raster.width, raster.height);
  // The smallest level with at least as many pixels as the screen has here.
  const level = raster.levels.findLast(({ width, height }) => Math.max(width, height) >= 2 * side) ?? raster.levels[0]!;
  canvas.width = level.width;
  canvas.height = level.height;
  canvas.style.width = `${Math.max(raster.width * scale, 1)}px`;
  canvas.style.height = `${Math.max(raster.height * scale, 1)}px`;
  context2d(canvas).putImageData(new ImageData(new Uint8ClampedArray(level.data), level.width, level.height), 0, 0);
}
