import { encodeBytesField, encodeVarint, encodeVarintField, joinBytes } from "./wire.ts";

/** How a layer is written in a binary net: LayerParameter (V2), V1LayerParameter, or V0LayerParameter inside a V1 one. */
export type LayerFormat = "V0" | "V1" | "V2";

/** Field numbers of caffe.proto that every fork of Caffe shares. */
export const netFields = { name: 1, layersV1: 2, layersV2: 100 } as const;

/** The fields of a layer that matter to weights, by format. A V0 layer lies in field 1 of a V1 one. */
export const layerFields = {
  V0: { name: 1, type: 2, blobs: 50 },
  V1: { name: 4, type: 5, blobs: 6 },
  V2: { name: 1, type: 2, blobs: 7 },
} as const;
export const v0LayerInV1 = 1;

/** BlobProto; the raw fields are NVIDIA's, which stores half precision there. */
export const blobFields = {
  num: 1, channels: 2, height: 3, width: 4,
  data: 5, diff: 6, shape: 7, doubleData: 8, doubleDiff: 9,
  rawDataType: 10, rawDiffType: 11, rawData: 12, rawDiff: 13,
} as const;
export const shapeDimField = 1;

/** V1LayerParameter.LayerType in Caffe's order of numbers, in V2's names (upgrade_proto.cpp, UpgradeV1LayerType). */
const v1Types = [
  "", "Accuracy", "BNLL", "Concat", "Convolution", "Data", "Dropout", "EuclideanLoss", "Flatten", "HDF5Data",
  "HDF5Output", "Im2col", "ImageData", "InfogainLoss", "InnerProduct", "LRN", "MultinomialLogisticLoss", "Pooling", "ReLU", "Sigmoid",
  "Softmax", "SoftmaxWithLoss", "Split", "TanH", "WindowData", "Eltwise", "Power", "SigmoidCrossEntropyLoss", "HingeLoss", "MemoryData",
  "ArgMax", "Threshold", "DummyData", "Slice", "MVN", "AbsVal", "Silence", "ContrastiveLoss", "Exp", "Deconvolution",
];

/** V0's type strings and V2's names (upgrade_proto.cpp, UpgradeV0LayerType). */
const v0Types: Readonly<Record<string, string>> = {
  accuracy: "Accuracy", bnll: "BNLL", concat: "Concat", conv: "Convolution", data: "Data", dropout: "Dropout",
  euclidean_loss: "EuclideanLoss", flatten: "Flatten", hdf5_data: "HDF5Data", hdf5_output: "HDF5Output", im2col: "Im2col",
  images: "ImageData", infogain_loss: "InfogainLoss", innerproduct: "InnerProduct", lrn: "LRN",
  multinomial_logistic_loss: "MultinomialLogisticLoss", pool: "Pooling", relu: "ReLU", sigmoid: "Sigmoid", softmax: "Softmax",
  softmax_loss: "SoftmaxWithLoss", split: "Split", tanh: "TanH", window_data: "WindowData",
};

/** V2's name for a V1 type number; numbers BVLC Caffe does not know come back as `V1 type 61`. */
export function typeOfV1(number: number): string {
  return v1Types[number] ?? `V1 type ${number}`;
}

/** V2's name for a V0 type string; unknown ones (`padding`) are returned as they are. */
export function typeOfV0(type: string): string {
  return Object.hasOwn(v0Types, type) ? v0Types[type]! : type;
}

/** The type field of a layer in its own format, or undefined where that format has no such type. `type` is V2's name. */
export function encodeType(format: LayerFormat, type: string): Uint8Array | undefined {
  if (format === "V2") return encodeBytesField(layerFields.V2.type, type);
  if (format === "V1") {
    const number = v1Types.indexOf(type);
    return number < 1 ? undefined : encodeVarintField(layerFields.V1.type, number);
  }
  const name = Object.keys(v0Types).find((key) => v0Types[key] === type);
  return name === undefined ? undefined : encodeBytesField(layerFields.V0.type, name);
}

/** A BlobShape of these dimensions, packed as Caffe writes it. */
export function encodeShape(shape: readonly number[]): Uint8Array {
  const isShape = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
  if (!isShape) throw new RangeError(`no shape: ${shape.join(" x ")}`);
  return encodeBytesField(shapeDimField, joinBytes(shape.map(encodeVarint)));
}
