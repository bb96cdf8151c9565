import type { BlobRef } from "./weights-file.ts";
import { valueSize } from "./weights-file.ts";
import { readStored } from "./values.ts";
import type { ByteSource } from "./wire.ts";

/** Bytes of the values held at once (one tile), and of transposed values put together before they are written (a strip of it). */
export const transposeBytes = { tile: 24 << 20, strip: 1 << 20 };

/**
 * Writes the values of a blob, stored as `rows x columns`, as `columns x rows`, and yields now and then how many bytes are done.
 *
 * Bits are moved, not numbers: any value type. Works tile by tile, so that both reads and writes are of some kilobytes each while memory
 * stays at one tile. `write` puts bytes at an offset from the start of the blob's values.
 */
export function* transposeTo(
  source: ByteSource,
  { blob, rows, columns }: { readonly blob: BlobRef; readonly rows: number; readonly columns: number },
  write: (bytes: Uint8Array, offset: number) => void,
  path: string,
  bytes = transposeBytes,
): Generator<number> {
  const size = valueSize[blob.type];
  const perTile = bytes.tile / size;
  const height = Math.max(1, Math.min(rows, Math.max(Math.floor(Math.sqrt(perTile)), Math.floor(perTile / columns))));
  const width = Math.max(1, Math.min(columns, Math.floor(perTile / height)));
  const tile = new Uint8Array(height * width * size);
  let done = 0;
  for (let row = 0; row < rows; row += height) {
    const tileRows = Math.min(height, rows - row);
    for (let column = 0; column < columns; column += width) {
      const tileColumns = Math.min(width, columns - column);
      readTile(row, column, tileRows, tileColumns);
      yield* writeTile(row, column, tileRows, tileColumns);
    }
  }

  function readTile(row: number, column: number, tileRows: number, tileColumns: number): void {
    const lines = tileColumns === columns ? 1 : tileRows;
    const values = (tileRows / lines) * tileColumns;
    for (let line = 0; line < lines; line++) {
      const first = (row + line) * columns + column;
      readStored(source, blob, first, first + values, tile.subarray(line * values * size, (line + 1) * values * size), path);
    }
  }

  function* writeTile(row: number, column: number, tileRows: number, tileColumns: number): Generator<number> {
    const stripColumns = Math.min(tileColumns, Math.max(16, Math.floor(bytes.strip / (tileRows * size))));
    const strip = new Uint8Array(stripColumns * tileRows * size);
    for (let first = 0; first < tileColumns; first += stripColumns) {
      const n = Math.min(stripColumns, tileColumns - first);
      turn(tile.buffer, strip.buffer, { rows: tileRows, columns: tileColumns, first, n, size });
      const length = tileRows * size;
      if (tileRows === rows) write(strip.subarray(0, n * length), (column + first) * length);
      else {
        for (let c = 0; c < n; c++) write(strip.subarray(c * length, (c + 1) * length), ((column + first + c) * rows + row) * size);
      }
      done += n * length;
      yield done;
    }
  }
}

interface Strip {
  readonly rows: number;
  readonly columns: number;
  /** The first column and the number of columns that are turned into lines. */
  readonly first: number;
  readonly n: number;
  readonly size: number;
}

function turn(tile: ArrayBuffer, strip: ArrayBuffer, { rows, columns, first, n, size }: Strip): void {
  if (size === 8) {
    const from = new Int32Array(tile);
    const to = new Int32Array(strip);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < n; c++) {
        const source = (r * columns + first + c) * 2;
        const target = (c * rows + r) * 2;
        to[target] = from[source]!;
        to[target + 1] = from[source + 1]!;
      }
    }
    return;
  }
  const from = size === 4 ? new Int32Array(tile) : new Int16Array(tile);
  const to = size === 4 ? new Int32Array(strip) : new Int16Array(strip);
  for (let r = 0; r < rows; r++) for (let c = 0; c < n; c++) to[c * rows + r] = from[r * columns + first + c]!;
}
