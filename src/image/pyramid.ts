/** Samples of a tile, channels interleaved. */
export type Samples = Float32Array | Uint8Array;

/** A picture of a pyramid, in tiles. */
export interface Level {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

/** The whole picture and, in a pyramid, its copies at a half, a quarter and so on (rounded up), down to one that is a single tile. */
export function pyramidLevels(width: number, height: number, tileSize: number, pyramid: boolean): Level[] {
  const level = { width, height, columns: Math.ceil(width / tileSize), rows: Math.ceil(height / tileSize) };
  if (!pyramid || (level.columns === 1 && level.rows === 1)) return [level];
  return [level, ...pyramidLevels(Math.ceil(width / 2), Math.ceil(height / 2), tileSize, true)];
}

/** An empty tile. */
export function newTile(tileSize: number, channels: number, sampleFormat: "uint8" | "float32"): Samples {
  const length = tileSize * tileSize * channels;
  return sampleFormat === "float32" ? new Float32Array(length) : new Uint8Array(length);
}

/** Which part of a tile is in the picture, and which quarter of its parent it becomes. */
export interface Quarter {
  readonly tileSize: number;
  readonly channels: number;
  readonly across: number;
  readonly down: number;
  readonly right: boolean;
  readonly lower: boolean;
}

/** Puts a tile at half its size into its quarter of the parent: means of 2 x 2 pixels, at the picture's edge of those there are. */
export function addToParent(parent: Samples, tile: Samples, { tileSize, channels, across, down, right, lower }: Quarter): void {
  const stride = tileSize * channels;
  const half = tileSize / 2;
  // Bytes are rounded half up; floats are stored as they come.
  const rounding = parent instanceof Uint8Array ? 0.5 : 0;
  for (let y = 0; y < down; y += 2) {
    const below = y + 1 < down ? stride : 0;
    const line = ((y >> 1) + (lower ? half : 0)) * stride + (right ? half * channels : 0);
    for (let x = 0; x < across; x += 2) {
      const beside = x + 1 < across ? channels : 0;
      for (let c = 0; c < channels; c++) {
        const from = y * stride + x * channels + c;
        const sum = tile[from]! + tile[from + beside]! + tile[from + below]! + tile[from + below + beside]!;
        parent[line + (x >> 1) * channels + c] = sum / 4 + rounding;
      }
    }
  }
}
