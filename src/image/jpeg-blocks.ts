import type { Failure } from "../text/failure.ts";
import { damaged } from "./checks.ts";
import type { BitReader, HuffmanTable } from "./jpeg-huffman.ts";
import { isExhausted, readBits, readSigned, readSymbol } from "./jpeg-huffman.ts";
import { inverseDct, inverseDctFlat } from "./jpeg-idct.ts";
import type { Scan } from "./jpeg-scan.ts";

/** What carries over from block to block. */
export interface ScanState {
  readonly reader: BitReader;
  /** The last first coefficient of each component. */
  readonly predictions: Int32Array;
  /** Blocks to come that have nothing (new) in the band: the end-of-band run. */
  bandsLeft: number;
}

/** Decodes the next block, which is number `block` of the scan's component `c`. */
export type BlockDecoder = (state: ScanState, c: number, block: number) => void;

/** The way to decode the blocks of a scan, by its kind. Source: ITU T.81, F.2 and G.2. */
export function blockDecoder(scan: Scan): BlockDecoder {
  if (!scan.progressive) return sequential(scan);
  if (scan.spectralStart === 0) return scan.high === 0 ? firstDc(scan) : moreDc(scan);
  return scan.high === 0 ? firstAc(scan) : moreAc(scan);
}

function sequential(scan: Scan): BlockDecoder {
  const block = new Int16Array(64);
  return (state, c, number) => {
    const { reader, predictions } = state;
    const { component, dc, ac } = scan.components[c]!;
    const { quantization, plane, blocksAcross } = component;
    predictions[c]! += difference(reader, dc!);
    let last = 0;
    for (let k = 1; k < 64; k++) {
      const symbol = readSymbol(reader, ac!);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) {
          if (symbol === 0) break;
          throw brokenData(reader);
        }
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (symbol < 0 || k > 63) throw brokenData(reader);
      block[zigzag[k]!] = readSigned(reader, size);
      last = k;
    }
    const stride = blocksAcross * 8;
    const at = Math.trunc(number / blocksAcross) * 8 * stride + (number % blocksAcross) * 8;
    block[0] = predictions[c]!;
    if (last === 0) inverseDctFlat(block[0], quantization!, plane, at, stride);
    else {
      inverseDct(block, 0, quantization!, plane, at, stride);
      block.fill(0);
    }
  };
}

function firstDc(scan: Scan): BlockDecoder {
  return ({ reader, predictions }, c, block) => {
    const { component, dc } = scan.components[c]!;
    predictions[c]! += difference(reader, dc!);
    component.coefficients![block * 64] = predictions[c]! << scan.low;
  };
}

function moreDc(scan: Scan): BlockDecoder {
  return ({ reader }, c, block) => {
    if (readBits(reader, 1) === 1) scan.components[c]!.component.coefficients![block * 64]! |= 1 << scan.low;
  };
}

function firstAc(scan: Scan): BlockDecoder {
  const { component, ac } = scan.components[0]!;
  const { spectralStart, spectralEnd, low } = scan;
  const coefficients = component.coefficients!;
  return (state, _, block) => {
    if (state.bandsLeft > 0) {
      state.bandsLeft--;
      return;
    }
    const { reader } = state;
    for (let k = spectralStart; k <= spectralEnd; k++) {
      const symbol = readSymbol(reader, ac!);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) {
          state.bandsLeft = bandRun(reader, symbol >> 4) - 1;
          return;
        }
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (symbol < 0 || k > spectralEnd) throw brokenData(reader);
      coefficients[block * 64 + zigzag[k]!] = readSigned(reader, size) << low;
    }
  };
}

function moreAc(scan: Scan): BlockDecoder {
  const { component, ac } = scan.components[0]!;
  const { spectralStart, spectralEnd, low } = scan;
  const coefficients = component.coefficients!;
  const bit = 1 << low;
  /** Adds the next bit of a coefficient that is known already. */
  const refine = (reader: BitReader, index: number): void => {
    const value = coefficients[index]!;
    if (readBits(reader, 1) === 1 && (value & bit) === 0) coefficients[index] = value + (value >= 0 ? bit : -bit);
  };
  return (state, _, block) => {
    const { reader } = state;
    const start = block * 64;
    let k = spectralStart;
    while (state.bandsLeft === 0 && k <= spectralEnd) {
      const symbol = readSymbol(reader, ac!);
      let skip = symbol >> 4;
      let value = 0;
      if (symbol < 0 || (symbol & 15) > 1) throw brokenData(reader);
      if ((symbol & 15) === 1) value = readBits(reader, 1) === 1 ? bit : -bit;
      else if (skip < 15) {
        state.bandsLeft = bandRun(reader, skip);
        break;
      }
      for (; k <= spectralEnd; k++) {
        if (coefficients[start + zigzag[k]!] !== 0) refine(reader, start + zigzag[k]!);
        else if (skip-- === 0) break;
      }
      if (value !== 0) {
        if (k > spectralEnd) throw brokenData(reader);
        coefficients[start + zigzag[k]!] = value;
      }
      k++;
    }
    if (state.bandsLeft > 0) {
      for (; k <= spectralEnd; k++) {
        if (coefficients[start + zigzag[k]!] !== 0) refine(reader, start + zigzag[k]!);
      }
      state.bandsLeft--;
    }
  };
}

function difference(reader: BitReader, dc: HuffmanTable): number {
  const size = readSymbol(reader, dc);
  if (size < 0 || size > 15) throw brokenData(reader);
  return size === 0 ? 0 : readSigned(reader, size);
}

function bandRun(reader: BitReader, size: number): number {
  if (size < 0) throw brokenData(reader);
  return size === 0 ? 1 : (1 << size) + readBits(reader, size);
}

/** The failure of entropy-coded data that is no code, or ends too early. */
export function brokenData(reader: BitReader): Failure {
  const what = isExhausted(reader) ? "truncated: its picture data breaks off" : "its compressed picture data is wrong";
  return damaged(reader.file, what, { at: reader.at });
}

/** Where in a block, row by row, each coefficient goes in the order of the file. */
export const zigzag = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);
