import type { Level, Region } from "../raster.ts";
import { known, missing } from "../raster.ts";
import type { Moved, PaneChange } from "./changes.ts";
import type { Drawing, DrawnPane } from "./drawing.ts";
import { levelFor } from "./drawing.ts";
import { intersection } from "./textures.ts";

/** A drawing's pixels, RGBA, computed without a graphics card: the same picture as `render/shader.ts` gives. */
export function software(drawing: Drawing): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * drawing.width * drawing.height);
  const whole = new Uint32Array(pixels.buffer);
  clear(drawing, { left: 0, top: 0, width: drawing.width, height: drawing.height }, whole);
  for (const pane of drawing.panes) drawPane(drawing, pane, pane.clip, whole);
  return pixels;
}

/** Makes of the pixels of the drawing before those of this one. */
export function softwareAgain(drawing: Drawing, changes: readonly PaneChange[], pixels: Uint8ClampedArray<ArrayBuffer>): void {
  const whole = new Uint32Array(pixels.buffer);
  for (const { pane, moved, parts } of changes) {
    if (moved !== undefined) move(drawing.width, moved, whole);
    for (const part of parts) {
      clear(drawing, part, whole);
      drawPane(drawing, pane, part, whole);
    }
  }
}

/** RGBA as one number of a machine that begins with the low byte: all that browsers run on do. Rounded; 0..255 each. */
function packed(red: number, green: number, blue: number): number {
  return (255 << 24) | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5);
}

function clear({ width, background: [red, green, blue] }: Drawing, part: Region, pixels: Uint32Array): void {
  for (let row = part.top; row < part.top + part.height; row++) {
    const from = row * width + part.left;
    pixels.fill(packed(red, green, blue), from, from + part.width);
  }
}

function move(width: number, { to, right, down }: Moved, pixels: Uint32Array): void {
  for (let i = 0; i < to.height; i++) {
    // From the end that is not written over before it is read.
    const row = to.top + (down > 0 ? to.height - 1 - i : i);
    const from = (row - down) * width + to.left - right;
    pixels.copyWithin(row * width + to.left, from, from + to.width);
  }
}

/** The picture's pixels along one axis of the device pixels of a part. */
interface Places {
  /** Under the middle of each; `before` more of them come first, and as many last. */
  readonly under: Int32Array;
  readonly before: number;
  /** The two whose middles it lies between, and how much of the second it is. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly part: Float64Array;
}

/** What two maps give for a pixel. */
interface Values {
  readonly front: Float32Array;
  readonly back?: Float32Array;
  readonly difference: boolean;
}

/** The pixels of a level that a row of device pixels is read from: where the rows begin, and how much of the second it is. */
interface Row {
  readonly under: number;
  readonly first: number;
  readonly second: number;
  readonly part: number;
}

/** Row by row: the picture's colours, the values over them, then what is seen of both. */
function drawPane(drawing: Drawing, pane: DrawnPane, within: Region, pixels: Uint32Array): void {
  const { level, step, smooth } = levelFor(pane.step, pane.picture.levels.length);
  const picture = pane.picture.levels[level]!;
  const part = onPicture(drawing, pane, within, picture, step);
  if (part === undefined) return;
  const line = Math.max(Math.round(drawing.ratio), 1);
  const columns = places(part.left - pane.left, part.width, step, picture.width, line);
  const rows = places(part.top - pane.top, part.height, step, picture.height, line);
  const front = pane.front?.levels[level]!.data;
  const back = pane.back?.levels[level]!.data;
  const values: Values | undefined = front && { front, ...(back !== undefined && { back }), difference: pane.difference };
  const mask = values && (pane.contour || pane.above) ? reached(values, picture.width, columns, rows, pane.threshold) : undefined;
  const colours = new Float64Array(3 * part.width);
  const shown = new Float64Array(part.width);
  for (let i = 0; i < part.height; i++) {
    const row = { under: rows.under[i + line]! * picture.width, first: rows.first[i]! * picture.width, second: rows.second[i]! * picture.width, part: rows.part[i]! };
    if (smooth) smoothColours(picture.data, row, columns, drawing.background, colours);
    else nearestColours(picture.data, row, columns, drawing.background, colours);
    if (values !== undefined) {
      if (smooth) smoothValues(values, row, columns, shown);
      else nearestValues(values, row, columns, shown);
      layOver(pane, shown, part.left - pane.left + part.top - pane.top + i + 1, drawing.ratio, mask, i, line, colours);
    }
    let to = (part.top + i) * drawing.width + part.left;
    for (let j = 0; j < colours.length; j += 3) pixels[to++] = packed(colours[j]!, colours[j + 1]!, colours[j + 2]!);
  }
}

/** The device pixels of a part of a pane whose middles are on the picture. */
function onPicture({ width, height }: Drawing, { left, top }: DrawnPane, within: Region, picture: Level, step: number): Region | undefined {
  const inView = intersection(within, { left: 0, top: 0, width, height });
  return inView && intersection({ left, top, width: Math.ceil(picture.width / step - 0.5), height: Math.ceil(picture.height / step - 0.5) }, inView);
}

/** Of `count` device pixels from `from` on, counted from the picture's edge; the picture has `size` pixels. */
function places(from: number, count: number, step: number, size: number, before: number): Places {
  const last = size - 1;
  const limit = (index: number): number => Math.min(Math.max(index, 0), last);
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const part = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const middle = (from + i + 0.5) * step - 0.5;
    const index = Math.floor(middle);
    first[i] = limit(index);
    second[i] = limit(index + 1);
    part[i] = middle - index;
  }
  return { under: Int32Array.from({ length: count + 2 * before }, (_, i) => limit(Math.floor((from + i - before + 0.5) * step))), before, first, second, part };
}

function nearestColours(picture: Uint8Array, row: Row, { under, before, part: { length } }: Places, background: Drawing["background"], colours: Float64Array): void {
  for (let j = 0; j < length; j++) {
    const at = 4 * (row.under + under[j + before]!);
    const clear = 1 - picture[at + 3]! / 255;
    for (let c = 0; c < 3; c++) colours[3 * j + c] = picture[at + c]! + clear * background[c]!;
  }
}

function smoothColours(picture: Uint8Array, row: Row, { first, second, part }: Places, background: Drawing["background"], colours: Float64Array): void {
  for (let j = 0; j < part.length; j++) {
    const right = part[j]!;
    const below = row.part;
    const a = (1 - right) * (1 - below);
    const b = right * (1 - below);
    const c = (1 - right) * below;
    const d = right * below;
    const p = 4 * (row.first + first[j]!);
    const q = 4 * (row.first + second[j]!);
    const r = 4 * (row.second + first[j]!);
    const s = 4 * (row.second + second[j]!);
    colours[3 * j] = a * picture[p]! + b * picture[q]! + c * picture[r]! + d * picture[s]!;
    colours[3 * j + 1] = a * picture[p + 1]! + b * picture[q + 1]! + c * picture[r + 1]! + d * picture[s + 1]!;
    colours[3 * j + 2] = a * picture[p + 2]! + b * picture[q + 2]! + c * picture[r + 2]! + d * picture[s + 2]!;
    const clear = 1 - (a * picture[p + 3]! + b * picture[q + 3]! + c * picture[r + 3]! + d * picture[s + 3]!) / 255;
    if (clear > 0) for (let k = 0; k < 3; k++) colours[3 * j + k]! += clear * background[k]!;
  }
}

function valueAt({ front, back, difference }: Values, at: number): number {
  const value = front[at]!;
  if (back === undefined) return value;
  const other = back[at]!;
  if (difference) return known(value) && known(other) ? value - other : missing;
  return known(value) ? value : other;
}

function nearestValues(values: Values, row: Row, { under, before }: Places, shown: Float64Array): void {
  for (let j = 0; j < shown.length; j++) shown[j] = valueAt(values, row.under + under[j + before]!);
}

/** The mean of the four around each, by how near they are, without those that are missing. */
function smoothValues(values: Values, row: Row, { first, second, part }: Places, shown: Float64Array): void {
  const below = row.part;
  for (let j = 0; j < shown.length; j++) {
    const right = part[j]!;
    const p = valueAt(values, row.first + first[j]!);
    const q = valueAt(values, row.first + second[j]!);
    const r = valueAt(values, row.second + first[j]!);
    const s = valueAt(values, row.second + second[j]!);
    const a = known(p) ? (1 - right) * (1 - below) : 0;
    const b = known(q) ? right * (1 - below) : 0;
    const c = known(r) ? (1 - right) * below : 0;
    const d = known(s) ? right * below : 0;
    const sum = a + b + c + d;
    shown[j] = sum > 0 ? (a * p + b * q + c * r + d * s) / sum : missing;
  }
}

/** For each device pixel, with as many around all as a contour looks far, whether the value under its middle reaches the threshold. */
function reached(values: Values, width: number, { under: columns }: Places, { under: rows }: Places, threshold: number): Uint8Array {
  const mask = new Uint8Array(rows.length * columns.length);
  let to = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]! * width;
    for (let j = 0; j < columns.length; j++) mask[to++] = Number(valueAt(values, row + columns[j]!) >= threshold);
  }
  return mask;
}

/** Lays a row of values over the picture's colours, and the contour over both. */
function layOver(pane: DrawnPane, shown: Float64Array, diagonal: number, ratio: number, mask: Uint8Array | undefined, index: number, line: number, colours: Float64Array): void {
  const { low, high, opacity, contour, above } = pane;
  const across = shown.length + 2 * line;
  const stripes = 10 * ratio;
  for (let j = 0; j < shown.length; j++) {
    const value = shown[j]!;
    const at = 3 * j;
    if (!known(value)) {
      if ((diagonal + j) % stripes < ratio) for (let c = 0; c < 3; c++) colours[at + c] = colours[at + c]! * 0.55 + 127.5 * 0.45;
      continue;
    }
    const here = (index + line) * across + j + line;
    if (!above || mask![here] === 1) {
      const part = Math.min(Math.max((value - low) / (high - low), 0), 1);
      const colour = 3 * Math.floor(part * 255 + 0.5);
      for (let c = 0; c < 3; c++) colours[at + c] = colours[at + c]! * (1 - opacity) + pane.colours[colour + c]! * opacity;
    }
    if (contour) {
      const inside = mask![here];
      if (mask![here - line] !== inside || mask![here + line] !== inside || mask![here - line * across] !== inside || mask![here + line * across] !== inside) colours[at] = colours[at + 1] = colours[at + 2] = inside === 1 ? 255 : 0;
    }
  }
}
