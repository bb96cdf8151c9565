import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";

/** Rows and columns of something: an image, a patch, the strides of a net. */
export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** How the outputs of a fully convolutional net lie on its input. */
export interface Geometry {
  /** The patch the classifier was trained on: what one output sees. */
  readonly patch: Extent;
  /** Input pixels from one output to the next: the product of the strides on the way. 1 for a net in dense form. */
  readonly stride: Extent;
}

/** The geometry of a net in dense form: an output at every pixel. */
export function denseGeometry({ patch }: Geometry): Geometry {
  return { patch, stride: { height: 1, width: 1 } };
}

/**
 * Where the window of a pixel starts, in rows or columns before it: half the patch, rounded down.
 *
 * An even patch sees pixel r through rows r - P/2 .. r + P/2 - 1, an odd one through r - (P-1)/2 .. r + (P-1)/2.
 */
export function lead(patch: Extent): Extent {
  return { height: Math.floor(patch.height / 2), width: Math.floor(patch.width / 2) };
}

/** How many outputs per axis an input gives: whole patches at multiples of the stride. */
export function outputsOf(input: Extent, { patch, stride }: Geometry): Extent {
  return {
    height: Math.floor((input.height - patch.height) / stride.height) + 1,
    width: Math.floor((input.width - patch.width) / stride.width) + 1,
  };
}

/** The smallest input that gives so many outputs. */
export function inputFor(outputs: Extent, { patch, stride }: Geometry): Extent {
  return {
    height: (outputs.height - 1) * stride.height + patch.height,
    width: (outputs.width - 1) * stride.width + patch.width,
  };
}

/**
 * How many samples per axis surround every pixel of an image: sample i stands for pixel i * stride.
 *
 * The last one lies on the last pixel or beyond it, seen through the mirrored edge, so that interpolation never runs out.
 */
export function samplesOf(image: Extent, { stride }: Geometry): Extent {
  return {
    height: Math.ceil((image.height - 1) / stride.height) + 1,
    width: Math.ceil((image.width - 1) / stride.width) + 1,
  };
}

/** Refuses, with a Failure, an image smaller than the patch: most of what each output saw would be its own mirror image. */
export function checkImageSize(image: Extent, { patch }: Geometry, file?: string): void {
  if (image.height >= patch.height && image.width >= patch.width) return;
  throw new Failure(
    "bad-request",
    `the image is ${words(image)}, smaller than the net's patch of ${words(patch)}.`,
    { advice: "Most of what the net sees would be mirrored edges; use a larger image.", ...(file === undefined ? {} : { file }) },
  );
}

/** Says which is which: images are named width first, shapes height first. */
function words({ height, width }: Extent): string {
  return `${count(height)} rows x ${count(width)} columns`;
}
