import type { Raster, Region } from "../raster.ts";

/** One picture of the view, in device pixels, as both renderers take it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel: lines are this many thick. */
  readonly ratio: number;
  /** Red, green, blue, 0..255. */
  readonly background: readonly [number, number, number];
  readonly panes: readonly DrawnPane[];
}

/** A rectangle of the view with a look at the picture and the values over it. */
export interface DrawnPane {
  readonly clip: Region;
  /** The device pixel of the view at which the picture's upper left corner lies; whole, so that a picture that is moved can be moved as it is drawn. */
  readonly left: number;
  readonly top: number;
  /** Pixels of the picture per device pixel. */
  readonly step: number;
  readonly picture: Raster<Uint8Array>;
  /** The map whose values are shown. */
  readonly front?: Raster<Float32Array>;
  /** Shown where `front` has no value; or, of a difference, what is taken from it. */
  readonly back?: Raster<Float32Array>;
  readonly difference: boolean;
  /** The values that have the first and the last colour. */
  readonly low: number;
  readonly high: number;
  /** 256 colours, RGB. */
  readonly colours: Uint8Array;
  /** Of the colours over the picture, 0..1. */
  readonly opacity: number;
  readonly threshold: number;
  /** Lines where the values cross the threshold. */
  readonly contour: boolean;
  /** Colours only where the values reach the threshold. */
  readonly above: boolean;
}

/** Draws on the canvas it was made for. */
export interface Renderer {
  readonly kind: "webgl" | "canvas";
  readonly draw: (drawing: Drawing) => void;
  /** Whether the last drawing is done: on the graphics card it goes on after `draw`. */
  readonly isDone: () => boolean;
  /** To be told of written pixels, before the next `draw`. */
  readonly changed: (raster: Raster, region: Region) => void;
  /** A raster is not drawn any more. */
  readonly release: (raster: Raster) => void;
}

/** Which level of a raster a view draws from, and how far apart its device pixels are there (in (1, 2] where it shrinks, below 1 where it enlarges). */
export function levelFor(step: number, levels: number): { level: number; step: number; smooth: boolean } {
  const level = Math.min(Math.max(Math.ceil(Math.log2(step)) - 1, 0), levels - 1);
  return { level, step: step / 2 ** level, smooth: step > 1 };
}
