import type { Image } from "./image.ts";

/** How a stored picture is to be turned to stand upright: 1 (not at all) to 8. Source: EXIF 2.3 and TIFF 6.0, tag 274. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** The picture upright. Sides are swapped for 5 to 8. */
export function turnUpright(image: Image, orientation: Orientation): Image {
  if (orientation === 1) return image;
  const { width, height, channels, data } = image;
  const turned = orientation >= 5 ? { width: height, height: width } : { width, height };
  const [fromX, fromY] = steps(orientation);
  // Where pixel (0, 0) of the upright picture is stored, and how far it is from there to its right and lower neighbours.
  const first = ((fromX.y + fromY.y < 0 ? height - 1 : 0) * width + (fromX.x + fromY.x < 0 ? width - 1 : 0)) * channels;
  const right = (fromX.y * width + fromX.x) * channels;
  const down = (fromY.y * width + fromY.x) * channels;
  const out = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < turned.height; y++) {
    for (let x = 0, from = first + y * down; x < turned.width; x++, from += right) {
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { ...image, ...turned, data: out };
}

/** A rectangle of pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a rectangle of the upright picture is in the stored one, which is `width` by `height`. */
export function storedRect(rect: Rect, orientation: Orientation, width: number, height: number): Rect {
  const [fromX, fromY] = steps(orientation);
  const along = (start: number, length: number, side: number, step: number): number => (step < 0 ? side - start - length : start);
  if (orientation < 5) {
    return { ...rect, x: along(rect.x, rect.width, width, fromX.x), y: along(rect.y, rect.height, height, fromY.y) };
  }
  return {
    x: along(rect.y, rect.height, width, fromY.x),
    y: along(rect.x, rect.width, height, fromX.y),
    width: rect.height,
    height: rect.width,
  };
}

/** The orientation that an EXIF block (a small TIFF file) asks for; 1 where it says nothing or cannot be read. */
export function exifOrientation(exif: Uint8Array): Orientation {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  if (exif.length < 8) return 1;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= exif.length; i++, at += 12) {
    if (view.getUint16(at, little) === ORIENTATION_TAG) return orientationOf(view.getUint16(at + 8, little));
  }
  return 1;
}

/** The number as an orientation; 1 where it is none. */
export function orientationOf(value: number): Orientation {
  return Number.isInteger(value) && value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

const ORIENTATION_TAG = 274;

interface Step {
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

/** Which way one goes in the stored picture when going right, and when going down, in the upright one. */
function steps(orientation: Orientation): readonly [right: Step, down: Step] {
  const signs = ({ 1: [1, 1], 2: [-1, 1], 3: [-1, -1], 4: [1, -1], 5: [1, 1], 6: [-1, 1], 7: [-1, -1], 8: [1, -1] } as const)[orientation];
  const [a, b] = signs;
  return orientation < 5
    ? [
        { x: a, y: 0 },
        { x: 0, y: b },
      ]
    : [
        { x: 0, y: a },
        { x: b, y: 0 },
      ];
}
