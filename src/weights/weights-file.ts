import type { LayerFormat } from "./layout.ts";

/** A half-open range of bytes of a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ValueType = "float32" | "float64" | "float16";

/** Values that lie at equal distances: `stride` is the size of one value where they are packed, more where each has its own tag. */
export interface ValueRun {
  readonly offset: number;
  readonly count: number;
  readonly stride: number;
}

/** A blob of a layer, as it lies in the file. */
export interface BlobRef {
  /** What the file declares; not yet compared with the number of values. Legacy blobs always have four axes. */
  readonly shape: readonly number[];
  /** True where the file gives num, channels, height and width instead of a shape. */
  readonly legacy: boolean;
  /** The number of values stored; 0 where there is a shape only. */
  readonly count: number;
  readonly type: ValueType;
  /** Where the values lie, in order; nearly always one packed run. */
  readonly runs: readonly ValueRun[];
  /** The blob's field in its layer, tag included. */
  readonly span: Span;
}

/** A layer of a weights file. */
export interface WeightsLayer {
  readonly name: string;
  /** V2's name of the type: `InnerProduct`, also for V1's number 14 and V0's `innerproduct`. */
  readonly type: string;
  readonly format: LayerFormat;
  readonly blobs: readonly BlobRef[];
  /** The layer's field in the net, tag included. */
  readonly span: Span;
}

/** The index of a .caffemodel: what is in it and where, without the numbers. */
export interface WeightsFile {
  readonly path: string;
  readonly bytes: number;
  /** Time of the last change in milliseconds: later reads make sure that it is still the same file. */
  readonly modified: number;
  /** `mixed`: both `layer` and `layers`, which Caffe refuses; `empty`: no layers. */
  readonly format: LayerFormat | "mixed" | "empty";
  readonly netName: string;
  readonly layers: readonly WeightsLayer[];
}

/** Bytes of one stored value. */
export const valueSize = { float16: 2, float32: 4, float64: 8 } as const;

/**
 * The layer whose blobs a net's layer of this name gets, or undefined.
 *
 * Caffe copies the layers of the file one after the other, each to the net's first layer of its name:
 * where a name occurs twice in the file, the last one stays (net.cpp, CopyTrainedLayersFrom).
 */
export function layerNamed(file: WeightsFile, name: string): WeightsLayer | undefined {
  return file.layers.findLast((layer) => layer.name === name);
}
