import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { layersDocument } from "../support/layers-doc.ts";

const file = join(import.meta.dirname, "../../docs/layers.md");

/** The 61 types that BVLC Caffe registers, Python among them. */
const bvlc =
  "AbsVal Accuracy ArgMax BatchNorm BatchReindex Bias BNLL Clip Concat ContrastiveLoss Convolution Crop Data Deconvolution Dropout DummyData Eltwise ELU Embed EuclideanLoss Exp Filter Flatten HDF5Data HDF5Output HingeLoss Im2col ImageData InfogainLoss InnerProduct Input Log LRN LSTM LSTMUnit MemoryData MultinomialLogisticLoss MVN Parameter Pooling Power PReLU Python Reduction ReLU Reshape RNN Scale Sigmoid SigmoidCrossEntropyLoss Silence Slice Softmax SoftmaxWithLoss Split SPP Swish TanH Threshold Tile WindowData".split(" ");

test("docs/layers.md says what the registry says", () => {
  const text = layersDocument();
  if (process.env["UPDATE"] === "1") {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  }
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("all of BVLC Caffe's types are there", () => {
  expect(bvlc).toHaveLength(61);
  expect(bvlc.filter((type) => !layersDocument().includes(`| \`${type}\` |`))).toEqual([]);
});
