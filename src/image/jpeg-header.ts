import { badImage, checkSize, damaged } from "./checks.ts";
import { zigzag } from "./jpeg-blocks.ts";
import type { HuffmanTable } from "./jpeg-huffman.ts";
import { huffmanTable } from "./jpeg-huffman.ts";
import type { Component } from "./jpeg-scan.ts";
import type { Orientation } from "./orientation.ts";
import { exifOrientation } from "./orientation.ts";

/** The picture as its frame header describes it, with room for its samples. Source: ITU T.81, B.2.2. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly Component[];
  readonly unitsAcross: number;
  readonly unitsDown: number;
}

/** What the segments read so far have said. */
export interface JpegState {
  readonly file: string;
  readonly maxBytes: number;
  /** Tables by their number, in natural order. */
  readonly quantization: Int32Array[];
  readonly dc: HuffmanTable[];
  readonly ac: HuffmanTable[];
  restartInterval: number;
  frame?: Frame;
  scans: number;
  orientation: Orientation;
  jfif?: boolean;
  /** Adobe's colour transform: 0 none, 1 YCbCr, 2 YCCK. */
  adobe?: number;
}

/** Takes in a header segment; false where it is malformed. */
export function readSegment(marker: number, content: Uint8Array, at: number, state: JpegState): boolean {
  if (marker === 0xc4) return readHuffmanTables(content, state);
  if (marker === 0xdb) return readQuantizationTables(content, state);
  if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) return readFrame(marker, content, at, state);
  if (marker === 0xdd) {
    if (content.length < 2) return false;
    state.restartInterval = (content[0]! << 8) | content[1]!;
  } else if (marker === 0xe0 && startsWith(content, "JFIF\0")) state.jfif = true;
  else if (marker === 0xe1 && startsWith(content, "Exif\0\0")) state.orientation = exifOrientation(content.subarray(6));
  else if (marker === 0xee && startsWith(content, "Adobe") && content.length >= 12) state.adobe = content[11]!;
  return true;
}

function startsWith(content: Uint8Array, text: string): boolean {
  return content.length >= text.length && Array.from(text).every((letter, i) => content[i] === letter.charCodeAt(0));
}

function readQuantizationTables(content: Uint8Array, { quantization }: JpegState): boolean {
  for (let at = 0; at < content.length; ) {
    const wide = content[at]! >> 4 !== 0;
    const table = new Int32Array(64);
    if (at + 1 + (wide ? 128 : 64) > content.length) return false;
    for (let k = 0; k < 64; k++) {
      table[zigzag[k]!] = wide ? (content[at + 1 + 2 * k]! << 8) | content[at + 2 + 2 * k]! : content[at + 1 + k]!;
    }
    quantization[content[at]! & 3] = table;
    at += 1 + (wide ? 128 : 64);
  }
  return true;
}

function readHuffmanTables(content: Uint8Array, { dc, ac }: JpegState): boolean {
  for (let at = 0; at < content.length; ) {
    const counts = content.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, n) => sum + n, 0);
    if (counts.length < 16 || total > 256 || at + 17 + total > content.length) return false;
    const table = huffmanTable(counts, content.slice(at + 17, at + 17 + total));
    if (table === undefined) return false;
    (content[at]! >> 4 === 0 ? dc : ac)[content[at]! & 3] = table;
    at += 17 + total;
  }
  return true;
}

const foreignFrames: Readonly<Record<number, string>> = {
  0xc3: "lossless",
  0xc9: "arithmetic",
  0xca: "arithmetic progressive",
};

function readFrame(marker: number, content: Uint8Array, at: number, state: JpegState): boolean {
  const { file, maxBytes } = state;
  if (marker > 0xc2) {
    throw badImage(
      file,
      `is a JPEG of a rare kind (${foreignFrames[marker] ?? "hierarchical"} coding).`,
      "Save it as an ordinary JPEG or as PNG.",
    );
  }
  const number = content[5] ?? 0;
  if (content.length < 6 + 3 * number) return false;
  if (state.frame !== undefined) throw badImage(file, "holds several JPEG pictures in one.", "Save the one you mean as a file of its own.");
  const [bits, height, width] = [content[0]!, (content[1]! << 8) | content[2]!, (content[3]! << 8) | content[4]!];
  if (bits !== 8) throw badImage(file, `is a JPEG of ${bits} bits a sample.`, "Save it as an 8-bit JPEG or as PNG.");
  if (number !== 1 && number !== 3 && number !== 4) throw badImage(file, `is a JPEG of ${number} colours.`, "Save it as grey or RGB.");
  const sampling = Array.from({ length: number }, (_, i) => content[7 + 3 * i]!);
  const [h, v] = [Math.max(...sampling.map((hv) => hv >> 4)), Math.max(...sampling.map((hv) => hv & 15))];
  if (sampling.some((hv) => hv >> 4 < 1 || hv >> 4 > 4 || (hv & 15) < 1 || (hv & 15) > 4))
    throw damaged(file, "its sampling factors are wrong", { at });
  const progressive = marker === 0xc2;
  checkSize(file, width, height, number * (progressive ? 3 : 1), maxBytes);
  const unitsAcross = Math.ceil(width / (8 * h));
  const unitsDown = Math.ceil(height / (8 * v));
  const components = sampling.map((hv, i): Component => {
    const [across, down] = [unitsAcross * (hv >> 4), unitsDown * (hv & 15)];
    return {
      id: content[6 + 3 * i]!,
      h: hv >> 4,
      v: hv & 15,
      quantizationIndex: content[8 + 3 * i]!,
      width: Math.ceil((width * (hv >> 4)) / h),
      height: Math.ceil((height * (hv & 15)) / v),
      blocksAcross: across,
      blocksDown: down,
      plane: new Uint8Array(across * down * 64),
      coefficients: progressive ? new Int16Array(across * down * 64) : undefined,
      quantization: undefined,
    };
  });
  state.frame = { width, height, progressive, components, unitsAcross, unitsDown };
  return true;
}
