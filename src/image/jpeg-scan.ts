import { damaged } from "./checks.ts";
import type { ScanState } from "./jpeg-blocks.ts";
import { blockDecoder, brokenData } from "./jpeg-blocks.ts";
import type { HuffmanTable } from "./jpeg-huffman.ts";
import { bitReader, isExhausted } from "./jpeg-huffman.ts";
import { inverseDct } from "./jpeg-idct.ts";

/** One colour component of a JPEG picture. */
export interface Component {
  readonly id: number;
  /** Sampling factors: blocks of it in each unit of the scan (MCU). */
  readonly h: number;
  readonly v: number;
  readonly quantizationIndex: number;
  /** Its own size in samples, without the filling up to whole blocks. */
  readonly width: number;
  readonly height: number;
  /** Blocks a row and a column, filled up to whole units. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Its samples, `blocksAcross * 8` a row. */
  readonly plane: Uint8Array;
  /** In progressive files the 64 coefficients of every block, in natural order. */
  readonly coefficients: Int16Array | undefined;
  /** Set when its first scan begins. */
  quantization: Int32Array | undefined;
}

/** A pass over the picture, as its header describes it. Source: ITU T.81, B.2.3. */
export interface Scan {
  readonly progressive: boolean;
  readonly components: readonly {
    readonly component: Component;
    readonly dc: HuffmanTable | undefined;
    readonly ac: HuffmanTable | undefined;
  }[];
  /** Units between restart markers, 0 for none. */
  readonly restartInterval: number;
  readonly unitsAcross: number;
  readonly unitsDown: number;
  readonly spectralStart: number;
  readonly spectralEnd: number;
  readonly high: number;
  readonly low: number;
}

/**
 * Decodes the scan whose data begins at `at` into the components' planes (sequential) or coefficients (progressive), and gives the
 * position where its data ends. Throws a `bad-file` Failure naming `file`.
 */
export function decodeScan(data: Uint8Array, at: number, scan: Scan, file: string): number {
  const reader = bitReader(data, at, file);
  const state: ScanState = { reader, predictions: new Int32Array(scan.components.length), bandsLeft: 0 };
  const decode = blockDecoder(scan);
  const single = scan.components.length === 1 ? scan.components[0]!.component : undefined;
  const across = single === undefined ? scan.unitsAcross : Math.ceil(single.width / 8);
  const down = single === undefined ? scan.unitsDown : Math.ceil(single.height / 8);
  let untilRestart = scan.restartInterval;
  let restarts = 0;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (scan.restartInterval > 0 && untilRestart-- === 0) {
        restart(state, restarts++ & 7);
        untilRestart = scan.restartInterval - 1;
      }
      if (single !== undefined) decode(state, 0, y * single.blocksAcross + x);
      else {
        for (let c = 0; c < scan.components.length; c++) {
          const { h, v, blocksAcross } = scan.components[c]!.component;
          for (let j = 0; j < v; j++) {
            for (let i = 0; i < h; i++) decode(state, c, (y * v + j) * blocksAcross + x * h + i);
          }
        }
      }
      if (isExhausted(reader)) throw brokenData(reader);
    }
  }
  return reader.at;
}

/** Multiplies out what progressive scans have gathered. */
export function finishProgressive(component: Component): void {
  const { coefficients, quantization, blocksAcross, blocksDown, plane } = component;
  if (coefficients === undefined || quantization === undefined) return;
  const stride = blocksAcross * 8;
  for (let y = 0, block = 0; y < blocksDown; y++) {
    for (let x = 0; x < blocksAcross; x++, block++) {
      inverseDct(coefficients, block * 64, quantization, plane, y * 8 * stride + x * 8, stride);
    }
  }
}

function restart(state: ScanState, number: number): void {
  const { reader } = state;
  while (reader.at < reader.data.length && !isMarker(reader.data, reader.at)) reader.at++;
  if (reader.data[reader.at + 1] !== 0xd0 + number) {
    throw damaged(reader.file, "a restart marker is missing in its picture data", { at: reader.at });
  }
  reader.at += 2;
  reader.bits = 0;
  reader.count = 0;
  reader.missing = 0;
  state.predictions.fill(0);
  state.bandsLeft = 0;
}

/** True where a marker stands: FF and a byte that is neither 00 (an escaped FF) nor FF (filling). */
export function isMarker(data: Uint8Array, at: number): boolean {
  const next = data[at + 1];
  return data[at] === 0xff && next !== undefined && next !== 0 && next !== 0xff;
}
