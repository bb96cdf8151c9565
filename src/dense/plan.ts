import { bicubicUpsample, samplesAround } from "../image/resize.ts";
import type { Region } from "./fill.ts";
import { inputFor, outputsOf, samplesOf } from "./geometry.ts";
import type { Extent, Geometry } from "./geometry.ts";
import { cover, windowAt } from "./tiles.ts";

/**
 * How a map is computed.
 *
 * - `naive`: the patch classifier once per pixel.
 * - `simple`: the fully convolutional net once; one sample every stride pixels.
 * - `advanced`: shift-and-stitch (Long, Shelhamer & Darrell 2015): once for each of the stride x stride shifts, interleaved exactly.
 * - `dense`: a net in dense form, whose stride is 1, once; exact like `advanced`.
 */
export type Method = "naive" | "simple" | "advanced" | "dense";

/** A pixel, or a place in a map. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** One member of a batch: where its input lies in the image, and where in the tile its first output belongs. */
export interface Window {
  readonly source: { readonly top: number; readonly left: number };
  readonly target: Place;
}

/** One run of the net: at most `batch` windows. */
export type Pass = readonly Window[];

/** All the runs that fill a map, tile by tile. Tiles may be taken in any order. */
export interface Plan {
  /** The pixels that are filled. */
  readonly map: Extent;
  readonly tiles: readonly Region[];
  /** Input of the net for one member of a batch, and how many members it takes. */
  readonly input: Extent;
  readonly batch: number;
  /** How many outputs of each window count. */
  readonly outputs: Extent;
  /** Places of a tile from one output to the next. */
  readonly step: Extent;
  /** How many runs a tile takes. */
  passCount(tile: Region): number;
  passes(tile: Region): Generator<Pass>;
  /** Only where outputs are samples to be interpolated: which of them a tile's runs fill, and its pixels made of those. */
  readonly interpolation?: {
    samples(tile: Region): Region;
    pixels(tile: Region, samples: Float32Array): Float32Array;
  };
}

/** What the net of a plan takes: the size of its input, and how many at once. */
export interface NetInput extends Extent {
  readonly batch: number;
}

/** The plan for a whole image with a net of this input size (for `naive` the patch). */
export function planMap(method: Method, image: Extent, geometry: Geometry, net: NetInput): Plan {
  switch (method) {
    case "naive":
      return planPatches(image, geometry, net.batch);
    case "simple":
      return isDense(geometry) ? planOnce(image, geometry, net) : planSamples(image, geometry, net);
    case "advanced":
      return planShifts(image, geometry, net);
    case "dense":
      if (!isDense(geometry)) throw new Error("a net in dense form has stride 1");
      return planOnce(image, geometry, net);
  }
}

/**
 * The input size for a fixed-size net with which tiles cover an image with the least waste.
 *
 * Large images take tiles whose sides are powers of two, which go into whole tiles of a file. `limit` is the largest input wanted; at least one patch is given, for `simple` at least {@link around} + 1 samples.
 * A net run at this size gives whole patches only: none of its pooling windows hangs over an edge unless it does on the patch too.
 */
export function fitInput(method: Method, image: Extent, geometry: Geometry, limit: Extent): Extent {
  if (method === "naive") return geometry.patch;
  const most = outputsOf(limit, geometry);
  const extra = method === "simple" && !isDense(geometry) ? around : 0;
  const outputs = (side: keyof Extent): number => {
    const step = method === "dense" ? 1 : geometry.stride[side];
    const atMost = Math.max(most[side], extra + 1);
    if (image[side] > ALIGNED_FROM) {
      const aligned = 2 ** Math.floor(Math.log2((atMost - extra) * step));
      if (aligned >= 256 && aligned % step === 0) return aligned / step + extra;
    }
    const needed = extra > 0 ? samplesOf(image, geometry)[side] : Math.ceil(image[side] / step);
    if (needed <= atMost) return needed;
    const tiles = Math.ceil(image[side] / ((atMost - extra) * step));
    return Math.ceil(image[side] / (tiles * step)) + extra;
  };
  return inputFor({ height: outputs("height"), width: outputs("width") }, geometry);
}

/** Sides longer than this are covered by tiles of a power of two, like those of the map's file: finished ones leave nothing open in it. */
const ALIGNED_FROM = 2 ** 12;

/** How many samples more than a tile has are needed to interpolate between them. */
const around = 3;

function isDense({ stride }: Geometry): boolean {
  return stride.height === 1 && stride.width === 1;
}

/** The plan that runs the patch classifier on chosen pixels; the map has one row, its columns are the pixels in their order. */
export function planPixels(pixels: readonly Place[], geometry: Geometry, batch: number): Plan {
  const map = { height: 1, width: pixels.length };
  return patchPlan(map, cover(map, map), geometry, batch, (_, column) => pixels[column]!);
}

/** Blocks bound what is held of an image at once; within one, patches are batched row after row. */
const block = { height: 64, width: 64 };

function planPatches(image: Extent, geometry: Geometry, batch: number): Plan {
  return patchPlan(image, cover(image, block), geometry, batch, (row, column) => ({ row, column }));
}

function patchPlan(
  map: Extent, tiles: readonly Region[], geometry: Geometry, batch: number, pixelAt: (row: number, column: number) => Place,
): Plan {
  const one = { height: 1, width: 1 };
  return {
    map, tiles, input: geometry.patch, batch, outputs: one, step: one,
    passCount: (tile) => Math.ceil((tile.height * tile.width) / batch),
    *passes(tile) {
      const targets = places(tile.height, tile.width);
      yield* batches(targets, batch, (target) => {
        const pixel = pixelAt(tile.top + target.row, tile.left + target.column);
        return { source: windowAt(pixel.row, pixel.column, geometry), target };
      });
    },
  };
}

function planOnce(map: Extent, geometry: Geometry, net: NetInput): Plan {
  const outputs = outputsFrom(net, geometry);
  return {
    map, tiles: cover(map, outputs), input: net, batch: net.batch, outputs, step: { height: 1, width: 1 },
    passCount: () => 1,
    *passes(tile) {
      yield [{ source: windowAt(tile.top, tile.left, geometry), target: { row: 0, column: 0 } }];
    },
  };
}

/** Tiles of whole strides. A tile's samples may begin before the image's first and end after its last; those are mirror images. */
function planSamples(image: Extent, geometry: Geometry, net: NetInput): Plan {
  const outputs = outputsFrom(net, geometry);
  const { stride } = geometry;
  const grid = samplesOf(image, geometry);
  // An axis that one run covers needs no samples beyond the image's own.
  const whole = { height: outputs.height >= grid.height, width: outputs.width >= grid.width };
  const side = (axis: keyof Extent): number => (whole[axis] ? image[axis] : (outputs[axis] - around) * stride[axis]);
  const tile = { height: side("height"), width: side("width") };
  if (tile.height < 1 || tile.width < 1) throw new Error(`an input of ${net.height} x ${net.width} has too few samples to interpolate`);
  const samples = (region: Region): Region => {
    const { top, left, height, width } = samplesAround(region, stride);
    return {
      ...(whole.height ? { top: 0, height: grid.height } : { top, height }),
      ...(whole.width ? { left: 0, width: grid.width } : { left, width }),
    };
  };
  return {
    map: image, tiles: cover(image, tile), input: net, batch: net.batch, outputs, step: { height: 1, width: 1 },
    passCount: () => 1,
    *passes(region) {
      const { top, left } = samples(region);
      yield [{ source: windowAt(top * stride.height, left * stride.width, geometry), target: { row: 0, column: 0 } }];
    },
    interpolation: {
      samples,
      pixels: (region, values) => bicubicUpsample({ ...grid, stride, window: samples(region), values }, region),
    },
  };
}

function planShifts(image: Extent, geometry: Geometry, net: NetInput): Plan {
  const outputs = outputsFrom(net, geometry);
  const { stride } = geometry;
  const tile = { height: outputs.height * stride.height, width: outputs.width * stride.width };
  // A tile narrower than the stride needs only the shifts that fall into it.
  const shifts = ({ height, width }: Extent): Extent => ({ height: Math.min(stride.height, height), width: Math.min(stride.width, width) });
  return {
    map: image, tiles: cover(image, tile), input: net, batch: net.batch, outputs, step: stride,
    passCount: (region) => Math.ceil((shifts(region).height * shifts(region).width) / net.batch),
    *passes(region) {
      const { height, width } = shifts(region);
      yield* batches(places(height, width), net.batch, (target) => ({
        source: windowAt(region.top + target.row, region.left + target.column, geometry), target,
      }));
    },
  };
}

function outputsFrom(net: NetInput, geometry: Geometry): Extent {
  const outputs = outputsOf(net, geometry);
  if (outputs.height < 1 || outputs.width < 1) throw new Error(`an input of ${net.height} x ${net.width} holds no patch`);
  return outputs;
}

function* places(height: number, width: number): Generator<Place> {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) yield { row, column };
  }
}

function* batches(targets: Iterable<Place>, size: number, windowOf: (target: Place) => Window): Generator<Pass> {
  let batch: Window[] = [];
  for (const target of targets) {
    batch.push(windowOf(target));
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
