import { join } from "node:path";
import type { Preprocessing } from "../../src/dense/preprocess.ts";
import { readImage, type Image } from "../../src/image/image.ts";
import { openClassifier, type Classifier, type ClassifierOptions } from "../../src/inference/classifier.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { channelMeans, readBinaryProto } from "../../src/weights/blob-file.ts";
import { openWeights } from "../../src/weights/open.ts";
import { readFileSync } from "node:fs";
import type { ImageSource } from "../../src/dense/fill.ts";

export const samples = join(import.meta.dirname, "../../samples/nuclei32");

/** The classifier of a deploy prototxt and a model. */
export async function classifierOf(net: string, weights: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const shapes = inferShapes(readNet(readDocument(readFileSync(net, "utf8"))));
  return openClassifier(shapes, await openWeights(weights), options);
}

/** Caffe's usual preprocessing with the mean of a file. */
export async function bgrMinus(mean: string): Promise<Preprocessing> {
  return { channels: "bgr", mean: channelMeans(await readBinaryProto(mean)), scale: 1 };
}

/** An image in memory as a source of regions. */
export function sourceOf({ width, height, channels, data }: Image): ImageSource {
  return {
    width,
    height,
    channels,
    read: ({ top, left, height: rows, width: columns }) => {
      const region = new Uint8Array(rows * columns * channels);
      for (let row = 0; row < rows; row++) {
        const from = ((top + row) * width + left) * channels;
        region.set(data.subarray(from, from + columns * channels), row * columns * channels);
      }
      return region;
    },
  };
}

/** One of the sample images. */
export async function sampleImage(name: string): Promise<ImageSource> {
  return sourceOf(await readImage(join(samples, name)));
}
