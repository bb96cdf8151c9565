import type { Region } from "../dense/fill.ts";
import { inputFor, outputsOf, type Extent, type Geometry } from "../dense/geometry.ts";
import type { Pass, Window } from "../dense/plan.ts";
import { windowAt } from "../dense/tiles.ts";
import type { PartValues } from "./maps.ts";

/** A part of a map: the pixels it fills, and the runs of the net that give them. */
export interface Job {
  /** The pixels it fills. */
  readonly region: Region;
  /** What the net computes for it: a grid of samples, every `spacing` pixels. */
  readonly samples: Region;
  readonly passes: readonly Pass[];
}

/** All parts of a map, and what the net takes. */
export interface MapJobs {
  readonly jobs: readonly Job[];
  readonly input: Extent;
  readonly outputs: Extent;
  readonly spacing: Extent;
  /** How many samples the map has. */
  readonly grid: Extent;
  /** Samples from one output of the net to the next: more than 1 where several shifted runs interleave. */
  readonly step: Extent;
}

/** Neighbours that interpolation looks at: one sample before a pixel's own, two after. */
const before = 1;
const after = 2;

/**
 * The parts of a map that has a computed value every `spacing` pixels and interpolated ones between.
 *
 * `geometry` is of the net as it runs; its stride is a multiple of the spacing, and the runs of all shifts in between interleave. The stride itself
 * is the simple map, 1 the exact one. `tile` is the largest part wanted, in pixels.
 */
export function planJobs(image: Extent, geometry: Geometry, spacing: Extent, tile: Extent): MapJobs {
  const down = planAxis(image.height, geometry.stride.height, spacing.height, tile.height);
  const across = planAxis(image.width, geometry.stride.width, spacing.width, tile.width);
  const input = inputFor({ height: down.outputs, width: across.outputs }, geometry);
  const jobs: Job[] = [];
  for (const rows of down.parts) {
    for (const columns of across.parts) {
      const samples = { top: rows.sample, left: columns.sample, height: rows.samples, width: columns.samples };
      const region = { top: rows.pixel, left: columns.pixel, height: rows.pixels, width: columns.pixels };
      const passes: Pass[] = [];
      for (let row = 0; row < Math.min(down.step, samples.height); row++) {
        for (let column = 0; column < Math.min(across.step, samples.width); column++) {
          const source = windowAt((samples.top + row) * spacing.height, (samples.left + column) * spacing.width, geometry);
          passes.push([{ source, target: { row, column } } satisfies Window]);
        }
      }
      jobs.push({ region, samples, passes });
    }
  }
  const grid = { height: down.samples, width: across.samples };
  return { jobs, input, outputs: outputsOf(input, geometry), spacing, grid, step: { height: down.step, width: across.step } };
}

interface Axis {
  readonly samples: number;
  readonly outputs: number;
  readonly step: number;
  readonly parts: readonly { readonly pixel: number; readonly pixels: number; readonly sample: number; readonly samples: number }[];
}

function planAxis(size: number, stride: number, spacing: number, tile: number): Axis {
  if (stride % spacing !== 0) throw new Error(`a value every ${spacing} pixels does not come from a stride of ${stride}`);
  const step = stride / spacing;
  const all = spacing === 1 ? size : Math.ceil((size - 1) / spacing) + 1;
  const halo = spacing === 1 ? 0 : before + after;
  const most = Math.max(1, Math.floor(tile / spacing));
  const inner = Math.ceil(all / Math.ceil(all / most));
  const outputs = Math.ceil(Math.min(inner + halo, all) / step);
  const parts = [];
  for (let first = 0; first * spacing < size; first += inner) {
    const pixel = first * spacing;
    const sample = halo === 0 ? first : Math.max(0, first - before);
    const end = Math.min(all, first + inner + (halo === 0 ? 0 : after));
    parts.push({ pixel, pixels: Math.min(size, (first + inner) * spacing) - pixel, sample, samples: end - sample });
  }
  return { samples: all, outputs, step, parts };
}

/** A part's values from what the net computed for it, by class; between samples bicubic, within `bounds`. */
export function valuesOf({ samples }: Job, classes: readonly Float32Array[], { spacing, grid }: MapJobs, bounds: readonly [number, number]): PartValues {
  if (spacing.height === 1 && spacing.width === 1) return { pixels: classes };
  return { samples: { grid: { ...grid, stride: spacing, window: samples }, bounds, values: classes } };
}
