/**
 * Pixels at full size and at halves of it, for a viewer: level k holds every 2^k-th of both axes, rounded up, each value the mean of
 * the four under it. So a picture of any size is drawn from about as many pixels as the screen has.
 */
export interface Raster<Values extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly width: number;
  readonly height: number;
  /** Numbers a pixel: 4 (RGBA) for pictures, 1 for maps. */
  readonly samples: number;
  readonly levels: readonly Level<Values>[];
}

export interface Level<Values = Uint8Array | Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly data: Values;
}

/** A rectangle of whole pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What stands in a map where nothing is computed yet: a number, because shaders may take a NaN for any. */
export const missing = -1e38;

/** Whether a map's value was computed. */
export function known(value: number): boolean {
  return value > missing / 2;
}

/** A picture of transparent pixels. */
export function pictureRaster(width: number, height: number): Raster<Uint8Array> {
  return { width, height, samples: 4, levels: sizes(width, height).map((size) => ({ ...size, data: new Uint8Array(4 * size.width * size.height) })) };
}

/** A map of which nothing is computed. */
export function mapRaster(width: number, height: number): Raster<Float32Array> {
  return {
    width,
    height,
    samples: 1,
    levels: sizes(width, height).map((size) => ({ ...size, data: new Float32Array(size.width * size.height).fill(missing) })),
  };
}

/** Writes rows of pixels, grey or RGB by how many samples there are, and brings the levels above up to date. */
export function writePixels(raster: Raster<Uint8Array>, region: Region, pixels: Uint8Array): void {
  writeRows({ width: raster.width, data: raster.levels[0]!.data }, region, pixels);
  reduce(raster, region, meansOfColours);
}

function writeRows({ width, data }: Pick<Level<Uint8Array>, "width" | "data">, region: Region, pixels: Uint8Array): void {
  const samples = pixels.length / (region.width * region.height);
  const [green, blue] = samples === 3 ? [1, 2] : [0, 0];
  for (let row = 0, from = 0; row < region.height; row++) {
    let to = ((region.top + row) * width + region.left) * 4;
    for (let column = 0; column < region.width; column++, from += samples, to += 4) {
      data[to] = pixels[from]!;
      data[to + 1] = pixels[from + green]!;
      data[to + 2] = pixels[from + blue]!;
      data[to + 3] = 255;
    }
  }
}

/** Fills a picture with its likeness in small, each pixel of which stands for `factor` x `factor`, grey or RGB by how many samples there are. */
export function writeOverview(raster: Raster<Uint8Array>, factor: number, pixels: Uint8Array): void {
  const columns = Math.ceil(raster.width / factor);
  const rows = Math.ceil(raster.height / factor);
  const likeness = pictureRaster(columns, rows).levels[0]!.data;
  writeRows({ width: columns, data: likeness }, { left: 0, top: 0, width: columns, height: rows }, pixels);
  const colours = new Uint32Array(likeness.buffer);
  for (const [level, { width, height, data }] of raster.levels.entries()) {
    const to = new Uint32Array(data.buffer);
    const column = Int32Array.from({ length: width }, (_, x) => Math.floor((x * 2 ** level) / factor));
    for (let y = 0, before = -1; y < height; y++) {
      const row = Math.floor((y * 2 ** level) / factor);
      const at = y * width;
      if (row === before) to.copyWithin(at, at - width, at);
      else for (let x = 0, from = row * columns; x < width; x++) to[at + x] = colours[from + column[x]!]!;
      before = row;
    }
  }
}

/** Writes a tile of values and brings the levels above up to date; `each` is told what every row of it was and is. */
export function writeValues(raster: Raster<Float32Array>, region: Region, values: Float32Array, each: (before: Float32Array, now: Float32Array) => void): void {
  const { data } = raster.levels[0]!;
  const now = new Float32Array(region.width);
  for (let row = 0; row < region.height; row++) {
    const from = row * region.width;
    for (let column = 0; column < region.width; column++) {
      const value = values[from + column]!;
      now[column] = known(value) ? value : missing;
    }
    const to = (region.top + row) * raster.width + region.left;
    each(data.subarray(to, to + region.width), now);
    data.set(now, to);
  }
  reduce(raster, region, meansKnown);
}

/** The part of a level that a region of the full size touches. */
export function regionAt(region: Region, level: number): Region {
  const left = region.left >> level;
  const top = region.top >> level;
  return { left, top, width: ((region.left + region.width - 1) >> level) - left + 1, height: ((region.top + region.height - 1) >> level) - top + 1 };
}

function sizes(width: number, height: number): { width: number; height: number }[] {
  const all = [{ width, height }];
  while (Math.max(width, height) > 64) {
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
    all.push({ width, height });
  }
  return all;
}

/** Fills some pixels of a row of a level from the one below it. */
type Reducer<Values> = (from: Level<Values>, to: Level<Values>, y: number, left: number, right: number) => void;

function reduce<Values extends Uint8Array | Float32Array>({ levels }: Raster<Values>, region: Region, row: Reducer<Values>): void {
  for (let k = 1; k < levels.length; k++) {
    const { left, top, width, height } = regionAt(region, k);
    for (let y = top; y < top + height; y++) row(levels[k - 1]!, levels[k]!, y, left, left + width);
  }
}

function meansKnown(from: Level<Float32Array>, to: Level<Float32Array>, y: number, left: number, right: number): void {
  const { data, width } = from;
  const above = 2 * y * width;
  // Of what lies beyond the edge nothing is known.
  const isBelow = 2 * y + 1 < from.height;
  for (let x = left; x < right; x++) {
    const at = above + 2 * x;
    const isBeside = 2 * x + 1 < width;
    const a = data[at]!;
    const b = isBeside ? data[at + 1]! : missing;
    const c = isBelow ? data[at + width]! : missing;
    const d = isBeside && isBelow ? data[at + width + 1]! : missing;
    const count = Number(known(a)) + Number(known(b)) + Number(known(c)) + Number(known(d));
    const sum = (known(a) ? a : 0) + (known(b) ? b : 0) + (known(c) ? c : 0) + (known(d) ? d : 0);
    to.data[y * to.width + x] = count > 0 ? sum / count : missing;
  }
}

function meansOfColours(from: Level<Uint8Array>, to: Level<Uint8Array>, y: number, left: number, right: number): void {
  const { data } = from;
  const below = 2 * y + 1 < from.height ? 4 * from.width : 0;
  for (let x = left; x < right; x++) {
    const beside = 2 * x + 1 < from.width ? 4 : 0;
    const at = 4 * (2 * y * from.width + 2 * x);
    const out = 4 * (y * to.width + x);
    for (let c = 0; c < 4; c++) {
      to.data[out + c] = (data[at + c]! + data[at + c + beside]! + data[at + c + below]! + data[at + c + beside + below]! + 2) >> 2;
    }
  }
}
