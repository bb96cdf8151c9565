import { crc32 } from "node:zlib";
import { limit } from "../text/limits.ts";
import { count } from "../text/words.ts";
import { badImage, checkSize, damaged } from "./checks.ts";
import type { Image } from "./image.ts";
import type { ColorType, PngHeader } from "./png-rows.ts";
import { passesOf, rowBytesOf, unpackRows } from "./png-rows.ts";

/**
 * The picture in a PNG file's bytes: every colour type, depth and interlacing of the standard.
 *
 * Grey stays one channel, palettes become RGB; 1, 2 and 4-bit grey is spread over 0..255, 16-bit samples keep their high byte;
 * alpha and transparent colours are dropped, so that pixels have the colour stored for them, as OpenCV's imread gives it to Caffe.
 * Of an animation, the still picture. The size is checked before anything is unpacked, and nothing beyond it is unpacked.
 * Throws a `bad-file` Failure naming `file`. Source: the PNG specification (W3C, third edition).
 */
export async function decodePng(bytes: Uint8Array, file: string, maxBytes = limit("imageBytes")): Promise<Image> {
  const { header, palette, data, transparent } = readChunks(bytes, file, maxBytes);
  const passes = passesOf(header);
  const rows = await unpackRows(data, passes, header, file);
  const { width, height, colors, depth } = header;
  const channels = colors.output;
  const source = { format: "png", bits: depth, alpha: transparent || colors.alpha } as const;
  if (passes.length === 1 && depth === 8 && colors.samples === channels) return { width, height, channels, data: rows, source };

  const pixels = new Uint8Array(width * height * channels);
  const sampleToByte = sampleTable(depth, colors.indexed);
  let start = 0;
  for (const pass of passes) {
    const rowBytes = rowBytesOf(pass.width, header);
    for (let y = 0; y < pass.height; y++, start += rowBytes) {
      const row = rows.subarray(start, start + rowBytes);
      let out = ((pass.y + y * pass.dy) * width + pass.x) * channels;
      for (let x = 0; x < pass.width; x++, out += pass.dx * channels) {
        if (palette !== undefined) {
          const entry = sampleAt(row, x, depth) * 3;
          if (entry >= palette.length) throw damaged(file, `uses colour ${entry / 3} of a palette of ${palette.length / 3}`);
          for (let c = 0; c < 3; c++) pixels[out + c] = palette[entry + c]!;
        } else {
          for (let c = 0; c < channels; c++) pixels[out + c] = sampleToByte[sampleAt(row, x * colors.samples + c, depth)]!;
        }
      }
    }
  }
  return { width, height, channels, data: pixels, source };
}

const colorTypes: Readonly<Record<number, ColorType>> = {
  0: { samples: 1, output: 1, indexed: false, alpha: false, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, output: 3, indexed: false, alpha: false, depths: [8, 16] },
  3: { samples: 1, output: 3, indexed: true, alpha: false, depths: [1, 2, 4, 8] },
  4: { samples: 2, output: 1, indexed: false, alpha: true, depths: [8, 16] },
  6: { samples: 4, output: 3, indexed: false, alpha: true, depths: [8, 16] },
};

interface Chunks {
  readonly header: PngHeader;
  readonly palette: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
  readonly transparent: boolean;
}

const SIGNATURE_LENGTH = 8;

function readChunks(bytes: Uint8Array, file: string, maxBytes: number): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparent = false;
  for (let at = SIGNATURE_LENGTH; ;) {
    const length = at + 8 <= bytes.length ? view.getUint32(at) : undefined;
    if (length === undefined || at + 12 + length > bytes.length) {
      throw damaged(file, `truncated: the file ends at byte ${count(bytes.length)}, inside its picture data`);
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    // Ancillary chunks (lower case first letter) carry nothing the picture needs.
    const needed = /^[A-Z]/.test(type);
    if (needed && crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw damaged(file, `the checksum of its ${/^\w+$/.test(type) ? type : "next"} chunk is wrong`, { at });
    }
    if (type === "IHDR") {
      header = readHeader(content, file);
      checkSize(file, header.width, header.height, header.colors.samples * Math.ceil(header.depth / 8), maxBytes);
    } else if (header === undefined) throw damaged(file, "a PNG without a header");
    else if (type === "PLTE") palette = content;
    else if (type === "tRNS") transparent = true;
    else if (type === "IDAT") data.push(content);
    else if (type === "IEND") break;
    else if (needed)
      throw badImage(file, `holds a chunk '${type}' that PNG readers must know and this one does not.`, "Save it as a plain PNG.");
    at += 12 + length;
  }
  if (header === undefined) throw damaged(file, "a PNG without a header");
  if (header.colors.indexed && palette === undefined) throw damaged(file, "its palette is missing");
  return { header, palette: header.colors.indexed ? palette : undefined, data, transparent };
}

function readHeader(content: Uint8Array, file: string): PngHeader {
  if (content.length !== 13) throw damaged(file, "a PNG with a wrong header");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [depth, type, compression, filter, interlace] = content.subarray(8) as unknown as [number, number, number, number, number];
  const colors = colorTypes[type];
  if (colors === undefined || !colors.depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) {
    throw damaged(file, `declares a form no PNG has (depth ${depth}, colour type ${type}, interlacing ${interlace})`);
  }
  return { width: view.getUint32(0), height: view.getUint32(4), depth, colors, interlaced: interlace === 1 };
}

/** The sample at an index of a row; of 16-bit samples the high byte. */
function sampleAt(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!;
  if (depth === 16) return row[index * 2]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** What a sample of 1 to 8 bits is in 0..255. */
function sampleTable(depth: number, indexed: boolean): Uint8Array {
  const scale = indexed || depth >= 8 ? 1 : 255 / ((1 << depth) - 1);
  return Uint8Array.from({ length: 256 }, (_, sample) => sample * scale);
}
