import type { Image } from "./image.ts";

/**
 * The picture with its rows and columns times `factor`, rounded, at least one each.
 *
 * Linear between pixel centres; where it shrinks, each new pixel is the mean of what it covers, weighted by a triangle as wide as two new pixels,
 * so that nothing is skipped (as Pillow's BILINEAR).
 */
export function scaleImage(image: Image, factor: number): Image {
  const width = Math.max(1, Math.round(image.width * factor));
  const height = Math.max(1, Math.round(image.height * factor));
  if (width === image.width && height === image.height) return image;
  const { channels, data } = image;
  const across = weightsOf(image.width, width);
  const down = weightsOf(image.height, height);
  const narrow = new Float32Array(image.height * width * channels);
  for (let y = 0, to = 0; y < image.height; y++) {
    const row = y * image.width * channels;
    for (const { first, weights } of across) {
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[row + (first + k) * channels + c]!;
        narrow[to] = sum;
      }
    }
  }
  const line = width * channels;
  const out = new Uint8Array(height * line);
  for (const [y, { first, weights }] of down.entries()) {
    for (let x = 0; x < line; x++) {
      let sum = 0.5;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(first + k) * line + x]!;
      out[y * line + x] = Math.min(255, sum);
    }
  }
  return { ...image, width, height, data: out };
}

/** For each new pixel, the first old one it is made of and the weights from there. */
function weightsOf(from: number, to: number): { readonly first: number; readonly weights: Float64Array }[] {
  const ratio = from / to;
  const reach = Math.max(1, ratio);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.max(first + 1, Math.min(from, Math.ceil(centre + reach - 0.5)));
    const weights = Float64Array.from({ length: end - first }, (_, k) => Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
