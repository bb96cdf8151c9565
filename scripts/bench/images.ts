import { readImage } from "../../src/image/image.ts";
import { createTiledTiff } from "../../src/image/tiled-tiff.ts";

const sample = "samples/nuclei32/tissue-512.png";

/** A picture of any size made of the sample, shifted from tile to tile so that none is like its neighbours. */
async function tissue(): Promise<(top: number, left: number, height: number, width: number) => Uint8Array> {
  const { data, width: period } = await readImage(sample);
  return (top, left, height, width) => {
    const pixels = new Uint8Array(height * width * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [row, column] = [(top + y + (left >> 8) * 7) % period, (left + x + (top >> 8) * 13) % period];
        for (let c = 0; c < 3; c++) pixels[(y * width + x) * 3 + c] = data[(row * period + column) * 3 + c]!;
      }
    }
    return pixels;
  };
}

/** Writes a square picture as a tiled TIFF, whatever its size. */
export async function writePicture(path: string, side: number): Promise<void> {
  const pixels = await tissue();
  const tiff = await createTiledTiff(path, { width: side, height: side, channels: 3, sampleFormat: "uint8", pyramid: false, resolution: 0.25 });
  const { tileSize } = tiff;
  for (let row = 0; row < tiff.rows; row++) {
    for (let column = 0; column < tiff.columns; column++) {
      const [top, left] = [row * tileSize, column * tileSize];
      await tiff.writeTile(column, row, pixels(top, left, Math.min(tileSize, side - top), Math.min(tileSize, side - left)));
    }
  }
  await tiff.finish();
}
