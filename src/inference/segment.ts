import { checkImageSize, denseGeometry, type Extent, type Geometry } from "../dense/geometry.ts";
import type { ImageSource } from "../dense/fill.ts";
import { fitInput, type Method, type Place, type Plan } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import type { DenseForm } from "../onnx/dense-form/dense-form.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { Classifier } from "./classifier.ts";
import type { Inference } from "./client.ts";
import { fasterForm } from "./dense-form.ts";
import { loadModel } from "./load-model.ts";
import type { Provider, Session } from "./messages.ts";
import { collectMap, planFor, runPixels, type MapRequest } from "./run-map.ts";
import type { Sessions } from "./sessions.ts";
import { chooseTile } from "./tile-choice.ts";

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
  /** Largest tile, in rows and columns of the net's input. Absent: what is fastest on this machine. */
  readonly tile?: Extent;
  /** Keeps the net loaded for the next image, where it is laid out alike. Absent: it is freed when the image is done. */
  readonly sessions?: Sessions;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Patches classified at once. */
const BATCH = 32;

/** How the net is laid out: of several ways to the same numbers, the fastest. */
export interface Layout {
  /** For the method `dense`. */
  readonly form?: DenseForm;
  /** Largest input. */
  readonly tile: Extent;
}

/** A net loaded for an image, and the tiles of its map, for `runTiles`. */
export interface LoadedMap {
  readonly map: MapRequest;
  readonly plan: Plan;
  /** Frees the net. */
  readonly close: () => Promise<void>;
}

/**
 * The probability of a class at every pixel of an image, height x width values in rows. Throws a Failure where the image is smaller than the
 * patch, the class does not exist, or inference fails.
 */
export async function segment(request: SegmentRequest, method: Method): Promise<Float32Array> {
  const { map, plan, close } = await loadMap(request, method, await chooseLayout(request, method));
  try {
    return await collectMap(map, plan);
  } finally {
    await close();
  }
}

/** The layout to use: what the request says, what was measured before on this machine, or what is measured now. */
export async function chooseLayout(request: SegmentRequest, method: Method): Promise<Layout> {
  const { classifier, image, inference, provider, preprocessing, classIndex } = request;
  checkImageSize(image, classifier.geometry, request.file);
  if (method === "naive") return { tile: classifier.geometry.patch };
  const form = method === "dense" ? (request.denseForm ?? (await fasterForm(inference, provider, classifier, image))) : undefined;
  const geometry = form === undefined ? classifier.geometry : denseGeometry(classifier.geometry);
  const model = modelOf(classifier, form);
  const tile = request.tile ?? (await chooseTile({ inference, provider, method, geometry, preprocessing, classIndex, model, image }));
  return { tile, ...(form !== undefined && { form }) };
}

/** Loads the net for a map. The caller owes a `close`. */
export async function loadMap(request: SegmentRequest, method: Method, { form, tile }: Layout): Promise<LoadedMap> {
  const { classifier, image } = request;
  checkImageSize(image, classifier.geometry, request.file);
  const geometry = form === undefined ? classifier.geometry : denseGeometry(classifier.geometry);
  const input = fitInput(method, image, geometry, tile);
  const build = (): OnnxModel | Promise<OnnxModel> => (method === "naive" ? classifier.patches(BATCH) : modelOf(classifier, form)(input));
  const name = `${method === "naive" ? method : (form ?? "fully convolutional")} ${input.height}x${input.width}`;
  const { inference, provider, sessions } = request;
  const session = await (sessions?.session(name, provider, build) ?? loadModel(inference, await build(), { provider }));
  const close = sessions === undefined ? () => freed(inference, session) : () => Promise.resolve();
  const map = requestOf(request, session, geometry);
  try {
    return { map, plan: planFor(map, method), close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function modelOf(classifier: Classifier, form: DenseForm | undefined): (input: Extent) => OnnxModel {
  return (input) => (form === undefined ? classifier.fullyConvolutional(input) : classifier.dense(input, form));
}

/** The probability of a class at chosen pixels, by the patch classifier itself. */
export async function classifyPixels(request: SegmentRequest, pixels: readonly Place[]): Promise<Float32Array> {
  const batch = Math.min(BATCH, Math.max(1, pixels.length));
  const { inference, provider, classifier } = request;
  const session = await loadModel(inference, await classifier.patches(batch), { provider });
  try {
    return await runPixels(requestOf(request, session, classifier.geometry), pixels);
  } finally {
    await freed(inference, session);
  }
}

function requestOf({ inference, classifier, image, preprocessing, classIndex, onProgress, signal }: SegmentRequest, session: Session, geometry: Geometry): MapRequest {
  return {
    inference, session, geometry, image, preprocessing, classIndex, output: classifier.output,
    ...(onProgress && { onProgress }), ...(signal && { signal }),
  };
}

/** A process that has gone has freed it already. */
function freed(inference: Inference, session: Session): Promise<void> {
  return inference.dispose(session).catch(() => undefined);
}
