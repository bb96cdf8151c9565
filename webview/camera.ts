import type { Region } from "./raster.ts";

/** Where a view looks: the picture's point at its middle, in pixels of the picture, and screen pixels per pixel of the picture. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The camera that shows the whole picture with a little air around it. */
export function fit(picture: Size, view: Size): Camera {
  const scale = Math.min(view.width / picture.width, view.height / picture.height) * 0.96;
  return { x: picture.width / 2, y: picture.height / 2, scale: scale > 0 ? scale : 1 };
}

/** A camera less than a pixel beside another, with which the picture's corner lies on a whole device pixel of the view: what is moved can be moved as it is drawn. */
export function onWholePixels({ x, y, scale }: Camera, view: Size, ratio: number): Camera {
  const at = (middle: number, length: number): number => (length / 2 - Math.round((length / 2 - middle * scale) * ratio) / ratio) / scale;
  return { x: at(x, view.width), y: at(y, view.height), scale };
}

/** The picture's point under a point of the view. */
export function toPicture(camera: Camera, view: Size, at: Point): Point {
  return { x: camera.x + (at.x - view.width / 2) / camera.scale, y: camera.y + (at.y - view.height / 2) / camera.scale };
}

/** The view's point over a point of the picture. */
export function toView(camera: Camera, view: Size, at: Point): Point {
  return { x: (at.x - camera.x) * camera.scale + view.width / 2, y: (at.y - camera.y) * camera.scale + view.height / 2 };
}

/** Zoomed by a factor, so that what is under `at` stays there. */
export function zoomAt(camera: Camera, view: Size, picture: Size, at: Point, factor: number): Camera {
  const scale = clampScale(camera.scale * factor, picture, view);
  const under = toPicture(camera, view, at);
  return clamp({ x: under.x - (at.x - view.width / 2) / scale, y: under.y - (at.y - view.height / 2) / scale, scale }, picture);
}

/** Moved so that the picture follows a drag of `dx`, `dy` screen pixels. */
export function pan(camera: Camera, picture: Size, dx: number, dy: number): Camera {
  return clamp({ ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale }, picture);
}

/** The part of the picture that is in view; empty (no width) where none is. */
export function visible(camera: Camera, view: Size, picture: Size): Region {
  const from = toPicture(camera, view, { x: 0, y: 0 });
  const to = toPicture(camera, view, { x: view.width, y: view.height });
  const left = Math.min(Math.max(Math.floor(from.x), 0), picture.width);
  const top = Math.min(Math.max(Math.floor(from.y), 0), picture.height);
  return {
    left,
    top,
    width: Math.max(Math.min(Math.ceil(to.x), picture.width) - left, 0),
    height: Math.max(Math.min(Math.ceil(to.y), picture.height) - top, 0),
  };
}

const largestScale = 64;

function clampScale(scale: number, picture: Size, view: Size): number {
  return Math.min(Math.max(scale, Math.min(fit(picture, view).scale / 2, 1)), largestScale);
}

/** The middle of the view stays on the picture, so that it cannot be lost. */
function clamp(camera: Camera, picture: Size): Camera {
  return { ...camera, x: Math.min(Math.max(camera.x, 0), picture.width), y: Math.min(Math.max(camera.y, 0), picture.height) };
}
