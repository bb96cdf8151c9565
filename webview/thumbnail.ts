import type { ChannelOrder } from "./messages.ts";
import type { Seen } from "./model.ts";

/** What the net sees as a picture, RGBA: the smallest number black, the largest white, planes put back in the order of the eye. */
export function thumbnail({ width, height, planes, smallest, largest }: Seen, order: ChannelOrder): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * width * height);
  const scale = largest > smallest ? 255 / (largest - smallest) : 0;
  const last = planes.length - 1;
  for (let c = 0; c < 3; c++) {
    const plane = planes[Math.min(order === "bgr" ? 2 - c : c, last)];
    if (plane === undefined) continue;
    for (let i = 0; i < width * height; i++) pixels[4 * i + c] = (plane[i]! - smallest) * scale;
  }
  for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  return pixels;
}
