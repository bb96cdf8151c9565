import { writePng } from "../image/png-encode.ts";
import { writeTiff } from "../image/write-tiff.ts";

/** Writes a map of values in [0, 1]: as 8-bit grey (255 is 1) to a .png, as 32-bit float to a .tif. */
export async function writeMap(path: string, map: Float32Array, width: number, height: number): Promise<void> {
  if (/\.tiff?$/i.test(path)) {
    await writeTiff(path, { width, height, channels: 1, data: map });
    return;
  }
  const grey = Uint8Array.from(map, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
  await writePng(path, { width, height, channels: 1, data: grey });
}
