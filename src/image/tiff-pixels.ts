import type { Rect } from "./orientation.ts";
import type { TiffLayout } from "./tiff-layout.ts";
import { rowBytesOf } from "./tiff-layout.ts";

/** Channels of the pictures made from a layout. */
export function channelsOf({ colors }: TiffLayout): 1 | 3 {
  return colors === "grey" || colors === "white-is-zero" ? 1 : 3;
}

/** Puts the pixels of a block, unpacked and in the byte order `little`, into their places in `out`, the picture of `region`. */
export type BlockPainter = (block: Uint8Array, index: number, region: Rect, out: Uint8Array) => void;

/** The painter for a layout. Grey of fewer than 8 bits is spread over 0..255; of 16 bits the high 8 are kept; alpha is dropped. */
export function blockPainter(layout: TiffLayout, little: boolean): BlockPainter {
  const { blockWidth, blockHeight, blocksAcross, blocksDown, width, height, planar } = layout;
  // What the JPEG decoder gives out is grey or RGB already.
  const asJpeg = layout.compression === "jpeg";
  const samples = planar ? 1 : asJpeg ? Math.min(layout.samples, 3) : layout.samples;
  const rowBytes = asJpeg ? blockWidth * samples : rowBytesOf(layout, blockWidth);
  const channels = channelsOf(layout);
  const paintRow = rowPainter(layout, asJpeg, samples, little);
  return (block, index, region, out) => {
    const plane = Math.floor(index / (blocksAcross * blocksDown));
    if (plane >= channels) return;
    const left = (index % blocksAcross) * blockWidth;
    const top = (Math.floor(index / blocksAcross) % blocksDown) * blockHeight;
    const fromX = Math.max(region.x, left);
    const toX = Math.min(region.x + region.width, left + blockWidth, width);
    const fromY = Math.max(region.y, top);
    const toY = Math.min(region.y + region.height, top + blockHeight, height);
    for (let y = fromY; y < toY; y++) {
      const row = block.subarray((y - top) * rowBytes, (y - top + 1) * rowBytes);
      paintRow(row, fromX - left, toX - fromX, out, ((y - region.y) * region.width + fromX - region.x) * channels + plane);
    }
  };
}

/** Puts `n` pixels of a row, from pixel `x` on, into `out` from `to` on. */
type RowPainter = (row: Uint8Array, x: number, n: number, out: Uint8Array, to: number) => void;

function rowPainter(layout: TiffLayout, asJpeg: boolean, samples: number, little: boolean): RowPainter {
  const { bits, planar } = layout;
  const channels = channelsOf(layout);
  const sampleAt = sampleReader(bits, little);
  const { colors } = layout;
  if (colors === "palette") {
    const palette = layout.palette!;
    return (row, x, n, out, to) => {
      for (let i = 0; i < n; i++) {
        const entry = sampleAt(row, (x + i) * samples) * 3;
        for (let c = 0; c < 3; c++) out[to++] = palette[entry + c]!;
      }
    };
  }
  if (colors === "cmyk" && !asJpeg) {
    return (row, x, n, out, to) => {
      for (let i = 0, at = x * samples; i < n; i++, at += samples) {
        const light = 255 - row[at + 3]!;
        for (let c = 0; c < 3; c++) out[to++] = Math.round(((255 - row[at + c]!) * light) / 255);
      }
    };
  }
  if (colors === "ycc" && !asJpeg)
    return (row, x, n, out, to) => {
      paintYcc(row, x, n, out, to, samples);
    };
  const byte = toByte(bits, colors === "white-is-zero");
  if (bits === 8 && samples === channels && !planar && colors !== "white-is-zero") {
    return (row, x, n, out, to) => {
      out.set(row.subarray(x * samples, (x + n) * samples), to);
    };
  }
  const taken = planar ? 1 : channels;
  return (row, x, n, out, to) => {
    for (let i = 0, at = x * samples; i < n; i++, at += samples, to += channels) {
      for (let c = 0; c < taken; c++) out[to + c] = byte[sampleAt(row, at + c)]!;
    }
  };
}

/** Reads the sample at an index of a row; of 16 bits the high 8. */
function sampleReader(bits: TiffLayout["bits"], little: boolean): (row: Uint8Array, index: number) => number {
  if (bits === 8) return (row, index) => row[index]!;
  if (bits === 16) return little ? (row, index) => row[2 * index + 1]! : (row, index) => row[2 * index]!;
  const mask = (1 << bits) - 1;
  return (row, index) => (row[(index * bits) >> 3]! >> (8 - bits - ((index * bits) & 7))) & mask;
}

/** What a sample is in 0..255. */
function toByte(bits: number, inverted: boolean): Uint8Array {
  const scale = bits >= 8 ? 1 : 255 / ((1 << bits) - 1);
  return Uint8Array.from({ length: 256 }, (_, sample) => (inverted ? 255 - sample * scale : sample * scale));
}

/** CCIR 601 with full ranges, the standard's own default. Source: TIFF 6.0, section 21. */
function paintYcc(row: Uint8Array, x: number, n: number, out: Uint8Array, to: number, samples: number): void {
  const rounded = new Uint8ClampedArray(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0, at = x * samples; i < n; i++, at += samples, to += 3) {
    const [y, cb, cr] = [row[at]!, row[at + 1]! - 128, row[at + 2]! - 128];
    rounded[to] = y + 1.402 * cr;
    rounded[to + 1] = y - 0.344136 * cb - 0.714136 * cr;
    rounded[to + 2] = y + 1.772 * cb;
  }
}
