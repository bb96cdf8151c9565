import type { Component } from "./jpeg-scan.ts";

/** What the components of a JPEG picture are. `inverted`: as Adobe's programs store CMYK, 255 for no ink. */
export type JpegColors = "grey" | "rgb" | "ycc" | "cmyk" | "cmyk-inverted" | "ycck-inverted";

/**
 * The components joined to `height` rows of `width` pixels, interleaved: grey, or RGB from all other colours.
 *
 * Smaller components are enlarged and YCbCr is turned into RGB as libjpeg-turbo does by default (jdsample.c "fancy upsampling",
 * jdcolor.c), bit for bit. CMYK is RGB = (255 - ink) * (255 - black) / 255, without a colour profile.
 */
export function joinComponents(components: readonly Component[], colors: JpegColors, width: number, height: number): Uint8Array {
  const channels = colors === "grey" ? 1 : 3;
  const out = new Uint8Array(width * height * channels);
  const readers = components.map((component) => rowReader(component, components));
  for (let y = 0; y < height; y++) {
    const rows = readers.map((read) => read(y));
    const row = out.subarray(y * width * channels, (y + 1) * width * channels);
    if (colors === "grey") row.set(rows[0]!.subarray(0, width));
    else if (colors === "rgb") interleave(rows, row);
    else if (colors === "ycc") yccToRgb(rows, row);
    else inkToRgb(rows, row, colors);
  }
  return out;
}

/** Gives row `y` of a component in the size of the whole picture; the array is used again for the next row. */
type RowReader = (y: number) => Uint8Array;

function rowReader(component: Component, all: readonly Component[]): RowReader {
  const { plane, width, height, blocksAcross } = component;
  const stride = blocksAcross * 8;
  const wide = Math.max(...all.map((other) => other.h)) / component.h;
  const high = Math.max(...all.map((other) => other.v)) / component.v;
  const line = (y: number): Uint8Array => {
    const at = Math.min(Math.max(y, 0), height - 1) * stride;
    return plane.subarray(at, at + width);
  };
  if (wide === 1 && high === 1) return line;
  const out = new Uint8Array(Math.ceil(width * wide) + 1);
  if (wide === 2 && high === 1 && width > 2) return (y) => widen(line(y), out);
  const sums = new Int32Array(width);
  if (wide === 2 && high === 2 && width > 2) {
    return (y) => {
      weigh(line(y >> 1), line((y >> 1) + ((y & 1) === 0 ? -1 : 1)), sums);
      return widenSums(sums, out);
    };
  }
  if (wide === 1 && high === 2) {
    return (y) => {
      const even = (y & 1) === 0;
      weigh(line(y >> 1), line((y >> 1) + (even ? -1 : 1)), sums);
      for (let x = 0; x < width; x++) out[x] = (sums[x]! + (even ? 1 : 2)) >> 2;
      return out;
    };
  }
  return (y) => {
    const from = line(Math.floor(y / high));
    for (let x = 0; x < out.length; x++) out[x] = from[Math.min(Math.floor(x / wide), width - 1)]!;
    return out;
  };
}

/** Three parts of the near row, one of the far. */
function weigh(near: Uint8Array, far: Uint8Array, sums: Int32Array): void {
  for (let x = 0; x < sums.length; x++) sums[x] = near[x]! * 3 + far[x]!;
}

function widen(from: Uint8Array, out: Uint8Array): Uint8Array {
  const n = from.length;
  for (let x = 0; x < n; x++) {
    const three = from[x]! * 3;
    out[2 * x] = x === 0 ? from[0]! : (three + from[x - 1]! + 1) >> 2;
    out[2 * x + 1] = x === n - 1 ? from[x]! : (three + from[x + 1]! + 2) >> 2;
  }
  return out;
}

function widenSums(sums: Int32Array, out: Uint8Array): Uint8Array {
  const n = sums.length;
  for (let x = 0; x < n; x++) {
    const here = sums[x]!;
    out[2 * x] = (here * 3 + (x === 0 ? here : sums[x - 1]!) + 8) >> 4;
    out[2 * x + 1] = (here * 3 + (x === n - 1 ? here : sums[x + 1]!) + 7) >> 4;
  }
  return out;
}

function interleave(rows: readonly Uint8Array[], out: Uint8Array): void {
  for (let x = 0, to = 0; to < out.length; x++) {
    for (const row of rows) out[to++] = row[x]!;
  }
}

const fixed = (weight: number): Int32Array => Int32Array.from({ length: 256 }, (_, i) => Math.round(weight * 65536) * (i - 128));
const half = 1 << 15;
const redOfCr = fixed(1.402).map((value) => (value + half) >> 16);
const blueOfCb = fixed(1.772).map((value) => (value + half) >> 16);
const greenOfCr = fixed(0.71414).map((value) => -value);
const greenOfCb = fixed(0.34414).map((value) => -value + half);

function yccToRgb(rows: readonly Uint8Array[], out: Uint8Array): void {
  const [luma, blue, red] = rows as [Uint8Array, Uint8Array, Uint8Array];
  for (let x = 0, to = 0; to < out.length; x++, to += 3) {
    const y = luma[x]!;
    const cb = blue[x]!;
    const cr = red[x]!;
    const r = y + redOfCr[cr]!;
    const g = y + ((greenOfCb[cb]! + greenOfCr[cr]!) >> 16);
    const b = y + blueOfCb[cb]!;
    out[to] = r < 0 ? 0 : r > 255 ? 255 : r;
    out[to + 1] = g < 0 ? 0 : g > 255 ? 255 : g;
    out[to + 2] = b < 0 ? 0 : b > 255 ? 255 : b;
  }
}

function inkToRgb(rows: readonly Uint8Array[], out: Uint8Array, colors: JpegColors): void {
  // YCCK's first three are 255 - ink in YCbCr; with the inversion on top, its RGB are the inks' (jdcolor.c, ycck_cmyk_convert).
  if (colors === "ycck-inverted") yccToRgb(rows, out);
  else interleave(rows.slice(0, 3), out);
  const black = rows[3]!;
  const flip = colors === "cmyk" ? 255 : 0;
  const flipInk = colors === "cmyk-inverted" ? 0 : 255;
  for (let x = 0, to = 0; to < out.length; x++) {
    const light = black[x]! ^ flip;
    for (let c = 0; c < 3; c++, to++) out[to] = Math.round(((out[to]! ^ flipInk) * light) / 255);
  }
}
