import { checkImageSize, denseGeometry, type Extent } from "../dense/geometry.ts";
import type { ImageSource } from "../dense/fill.ts";
import { fitInput, type Method, type Place } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import type { DenseForm } from "../onnx/dense-form/dense-form.ts";
import type { Classifier } from "./classifier.ts";
import type { Inference } from "./client.ts";
import { fasterForm } from "./dense-form.ts";
import { loadModel } from "./load-model.ts";
import type { Provider } from "./messages.ts";
import { runMap, runPixels } from "./run-map.ts";

/** An image to be classified pixel by pixel, and how. */
export interface SegmentRequest {
  readonly inference: Inference;
  readonly provider: Provider;
  readonly classifier: Classifier;
  readonly image: ImageSource;
  /** The image's file, for messages. */
  readonly file?: string;
  readonly preprocessing: Preprocessing;
  readonly classIndex: number;
  /** Which dense form to use for the method `dense`; absent: the faster one. */
  readonly denseForm?: DenseForm;
  /** Largest tile, in rows and columns of the net's input. Absent: 256 more than the patch, which measured fastest. */
  readonly tile?: Extent;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Patches classified at once. */
const BATCH = 32;

/**
 * The probability of a class at every pixel of an image, height x width values in rows. Throws a Failure where the image is smaller than the
 * patch, the class does not exist, or inference fails.
 */
export async function segment(request: SegmentRequest, method: Method): Promise<Float32Array> {
  const { classifier, image } = request;
  checkImageSize(image, classifier.geometry, request.file);
  if (method === "naive") return runWith(request, await classifier.patches(BATCH), (map) => runMap(map, "naive"));
  const form = method === "dense" ? (request.denseForm ?? (await fasterForm(request.inference, request.provider, classifier, image))) : undefined;
  const geometry = form === undefined ? classifier.geometry : denseGeometry(classifier.geometry);
  const limit = request.tile ?? { height: geometry.patch.height + 256, width: geometry.patch.width + 256 };
  const input = fitInput(method, image, geometry, limit);
  const model = form === undefined ? classifier.fullyConvolutional(input) : classifier.dense(input, form);
  return runWith(request, model, (map) => runMap({ ...map, geometry }, method));
}

/** The probability of a class at chosen pixels, by the patch classifier itself. */
export async function classifyPixels(request: SegmentRequest, pixels: readonly Place[]): Promise<Float32Array> {
  const batch = Math.min(BATCH, Math.max(1, pixels.length));
  return runWith(request, await request.classifier.patches(batch), (map) => runPixels(map, pixels));
}

async function runWith<T>(
  request: SegmentRequest,
  model: Parameters<typeof loadModel>[1],
  run: (map: Parameters<typeof runMap>[0]) => Promise<T>,
): Promise<T> {
  const { inference, provider, classifier, image, preprocessing, classIndex, onProgress, signal } = request;
  const session = await loadModel(inference, model, { provider });
  try {
    return await run({
      inference,
      session,
      geometry: classifier.geometry,
      image,
      preprocessing,
      classIndex,
      output: classifier.output,
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
  } finally {
    await inference.dispose(session).catch(() => undefined);
  }
}
