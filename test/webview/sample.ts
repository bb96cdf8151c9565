import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import type { State, ToWebview } from "../../webview/messages.ts";
import { bicubicUpsample } from "../../src/image/resize.ts";

/** The sample classifier's picture and maps, as the host would send them. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly pixels: Uint8Array;
  /** Class 1 of the classifier run by Caffe at every pixel, and the same from every fourth pixel, interpolated. */
  readonly exact: Float32Array;
  readonly simple: Float32Array;
}

const stride = 4;

export function sample(name: "tissue-512" | "tissue-301x257" = "tissue-512"): Sample {
  const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
  const { width, height, data, channels } = decode(readFileSync(path(`samples/nuclei32/${name}.png`)));
  const pixels = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) pixels[4 * i + c] = data[channels * i + Math.min(c, channels - 1)]!;
  const bytes = readFileSync(path(`test/fixtures/nuclei32/${name}.pixelwise.f32`));
  const exact = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const samples = Float32Array.from({ length: rows * columns }, (_, i) => exact[stride * Math.floor(i / columns) * width + stride * (i % columns)]!);
  const grid = { height: rows, width: columns, stride: { height: stride, width: stride }, window: { top: 0, left: 0, height: rows, width: columns }, values: samples };
  return { width, height, pixels, exact, simple: bicubicUpsample(grid, { top: 0, left: 0, width, height }) };
}

/** The small state of a host that has everything and has computed nothing. */
export function sampleState({ width, height }: { readonly width: number; readonly height: number }, change: Partial<State> = {}): State {
  return {
    uri: "file:///samples/nuclei32/deploy.prototxt",
    net: {
      name: "nuclei32", given: "patch", patch: [32, 32], stride: [4, 4], field: [32, 32], channels: 3, labels: ["background", "nucleus"],
      labelsFile: "labels.txt", outputs: ["prob", "fc7", "pool2", "conv1"], displacements: [1, 2], dropout: true, obstacles: [],
    },
    weights: [{ path: "/samples/nuclei32/nuclei32.caffemodel", name: "nuclei32.caffemodel" }],
    images: [{ path: "/samples/nuclei32/tissue-512.png", name: "tissue-512.png" }, { path: "/samples/nuclei32/tissue-301x257.png", name: "tissue-301x257.png" }],
    means: [{ path: "/samples/nuclei32/mean.binaryproto", name: "mean.binaryproto" }],
    settings: {
      weights: "/samples/nuclei32/nuclei32.caffemodel", image: "/samples/nuclei32/tissue-512.png", channels: "bgr", mean: [169.2, 139.8, 185.1],
      meanFile: "/samples/nuclei32/mean.binaryproto", scale: 1, resize: 1, classIndex: 1, output: "prob", provider: "auto", displacement: 1,
      dropoutRuns: 0, dropoutSeed: 1, refreshOnSave: false,
    },
    image: { path: "/samples/nuclei32/tissue-512.png", name: "tissue-512.png", width, height },
    phase: "idle",
    missing: [],
    provider: { name: "cpu", skipped: [{ name: "cuda", reason: "its libraries are not installed" }] },
    stale: false,
    ...change,
  };
}

/** The small state of a host that has found a net and nothing else. */
export function emptyState(size: { readonly width: number; readonly height: number }, change: Partial<State> = {}): State {
  const state = sampleState(size, { phase: "empty", missing: ["weights", "image"], ...change });
  const settings = { ...state.settings };
  for (const name of ["image", "provider"] as const) Reflect.deleteProperty(state, name);
  for (const name of ["weights", "image"] as const) Reflect.deleteProperty(settings, name);
  return { ...state, settings };
}

/** The messages of a picture: its size, then bands of rows. */
export function pictureMessages({ width, height, pixels }: Pick<Sample, "width" | "height" | "pixels">): ToWebview[] {
  const rows = 200;
  const bands = Array.from({ length: Math.ceil(height / rows) }, (_, i): ToWebview => {
    const top = i * rows;
    const count = Math.min(rows, height - top);
    return { type: "imageBand", top, height: count, pixels: pixels.slice(4 * top * width, 4 * (top + count) * width).filter((_, i) => i % 4 < 3) };
  });
  return [{ type: "image", width, height }, ...bands];
}

/** The messages of a map, tile by tile; `part` of the tiles, from the upper left. */
export function mapMessages(kind: "simple" | "exact" | "mean" | "variance", { width, height }: { readonly width: number; readonly height: number }, values: Float32Array, { run = 1, classIndex = 1, side = 128, part = 1, range = undefined as readonly [number, number] | undefined } = {}): ToWebview[] {
  const tiles: ToWebview[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const size = { width: Math.min(side, width - left), height: Math.min(side, height - top) };
      const tile = new Float32Array(size.width * size.height);
      for (let y = 0; y < size.height; y++) tile.set(values.subarray((top + y) * width + left, (top + y) * width + left + size.width), y * size.width);
      tiles.push({ type: "tile", kind, run, left, top, ...size, values: tile });
    }
  }
  const sent = tiles.slice(0, Math.round(tiles.length * part));
  return [
    { type: "map", kind, run, width, height, classIndex, ...(range === undefined ? {} : { range }) },
    ...sent,
    { type: "progress", kind, run, done: Math.round(width * height * part), total: width * height, pixelsPerSecond: 1.1e6, secondsLeft: 1 },
    ...(part < 1 ? [] : [{ type: "finished", kind, run, seconds: kind === "exact" ? 3.9 : 0.9 } as const]),
  ];
}
