import type { Level, Region } from "../raster.ts";
import { known, missing } from "../raster.ts";
import type { Drawing, DrawnPane } from "./drawing.ts";
import { levelFor } from "./drawing.ts";
import { intersection } from "./textures.ts";

/** A drawing's pixels, RGBA, computed without a graphics card: the same picture as `render/shader.ts` gives, slower. */
export function software(drawing: Drawing): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * drawing.width * drawing.height);
  const [red, green, blue] = drawing.background;
  for (let i = 0; i < pixels.length; i += 4) {
    pixels[i] = red;
    pixels[i + 1] = green;
    pixels[i + 2] = blue;
    pixels[i + 3] = 255;
  }
  for (const pane of drawing.panes) drawPane(drawing, pane, pixels);
  return pixels;
}

interface Look {
  readonly pane: DrawnPane;
  readonly picture: Level<Uint8Array>;
  readonly front?: Level<Float32Array>;
  readonly back?: Level<Float32Array>;
  readonly smooth: boolean;
  /** Thickness of the contour, in the level's pixels. */
  readonly line: number;
  readonly ratio: number;
  /** Shown where the picture has not come yet. */
  readonly background: Drawing["background"];
}

function drawPane(drawing: Drawing, pane: DrawnPane, pixels: Uint8ClampedArray): void {
  const { level, step, smooth } = levelFor(pane.step, pane.picture.levels.length);
  const front = pane.front?.levels[level];
  const back = pane.back?.levels[level];
  const look: Look = {
    pane,
    picture: pane.picture.levels[level]!,
    ...(front === undefined ? {} : { front }),
    ...(back === undefined ? {} : { back }),
    smooth,
    line: drawing.ratio * step,
    ratio: drawing.ratio,
    background: drawing.background,
  };
  const originX = pane.originX / 2 ** level;
  const originY = pane.originY / 2 ** level;
  const part = onPicture(drawing, pane, look.picture, originX, originY, step);
  if (part === undefined) return;
  const colour = [0, 0, 0];
  for (let row = part.top; row < part.top + part.height; row++) {
    const y = originY + (row + 0.5) * step;
    for (let column = part.left; column < part.left + part.width; column++) {
      shade(look, originX + (column + 0.5) * step, y, column + row + 1, colour);
      pixels.set(colour, 4 * (row * drawing.width + column));
    }
  }
}

/** The device pixels of a pane whose middles are on the picture. */
function onPicture({ width, height }: Drawing, { clip }: DrawnPane, picture: Level, originX: number, originY: number, step: number): Region | undefined {
  const left = Math.ceil(-originX / step - 0.5);
  const top = Math.ceil(-originY / step - 0.5);
  const right = Math.ceil((picture.width - originX) / step - 0.5);
  const bottom = Math.ceil((picture.height - originY) / step - 0.5);
  const inView = intersection(clip, { left: 0, top: 0, width, height });
  return inView && intersection({ left, top, width: right - left, height: bottom - top }, inView);
}

function shade(look: Look, x: number, y: number, diagonal: number, colour: number[]): void {
  const { pane, front, smooth, line, ratio } = look;
  pictureAt(look, x, y, colour);
  if (front === undefined) return;
  const value = smooth ? smoothValue(look, x, y) : valueAt(look, Math.floor(x), Math.floor(y));
  if (!known(value)) {
    if (diagonal % (10 * ratio) < ratio) for (let c = 0; c < 3; c++) colour[c] = colour[c]! * 0.55 + 127.5 * 0.45;
    return;
  }
  const here = inside(look, x, y);
  if (!pane.above || here) {
    const part = Math.min(Math.max((value - pane.low) / (pane.high - pane.low), 0), 1);
    const at = 3 * Math.floor(part * 255 + 0.5);
    for (let c = 0; c < 3; c++) colour[c] = colour[c]! * (1 - pane.opacity) + pane.colours[at + c]! * pane.opacity;
  }
  if (!pane.contour) return;
  const edge =
    inside(look, x + line, y) !== here || inside(look, x - line, y) !== here || inside(look, x, y + line) !== here || inside(look, x, y - line) !== here;
  if (edge) colour[0] = colour[1] = colour[2] = here ? 255 : 0;
}

function pictureAt({ picture, smooth, background }: Look, x: number, y: number, colour: number[]): void {
  const { data, width, height } = picture;
  if (!smooth) {
    const at = 4 * (limit(Math.floor(y), height) * width + limit(Math.floor(x), width));
    const clear = 1 - data[at + 3]! / 255;
    for (let c = 0; c < 3; c++) colour[c] = data[at + c]! + clear * background[c]!;
    return;
  }
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const [right, below] = [x - 0.5 - left, y - 0.5 - top];
  const row = limit(top, height) * width;
  const next = limit(top + 1, height) * width;
  const [x0, x1] = [limit(left, width), limit(left + 1, width)];
  const sample = (c: number): number => {
    const upper = data[4 * (row + x0) + c]! * (1 - right) + data[4 * (row + x1) + c]! * right;
    const lower = data[4 * (next + x0) + c]! * (1 - right) + data[4 * (next + x1) + c]! * right;
    return upper * (1 - below) + lower * below;
  };
  const clear = 1 - sample(3) / 255;
  for (let c = 0; c < 3; c++) colour[c] = sample(c) + clear * background[c]!;
}

function valueAt({ pane, front, back }: Look, column: number, row: number): number {
  const at = limit(row, front!.height) * front!.width + limit(column, front!.width);
  const value = front!.data[at]!;
  if (back === undefined) return value;
  const other = back.data[at]!;
  if (pane.difference) return known(value) && known(other) ? value - other : missing;
  return known(value) ? value : other;
}

function smoothValue(look: Look, x: number, y: number): number {
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const [right, below] = [x - 0.5 - left, y - 0.5 - top];
  let sum = 0;
  let weights = 0;
  for (let k = 0; k < 4; k++) {
    const value = valueAt(look, left + (k & 1), top + (k >> 1));
    if (!known(value)) continue;
    const weight = ((k & 1) === 1 ? right : 1 - right) * (k > 1 ? below : 1 - below);
    sum += value * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : missing;
}

function inside(look: Look, x: number, y: number): boolean {
  return valueAt(look, Math.floor(x), Math.floor(y)) >= look.pane.threshold;
}

function limit(index: number, size: number): number {
  return index < 0 ? 0 : index < size ? index : size - 1;
}
