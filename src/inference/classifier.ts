import { Failure } from "../text/failure.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import { once } from "../text/once.ts";
import { counted } from "../text/words.ts";
import type { Extent, Geometry } from "../dense/geometry.ts";
import type { NetParams } from "../layers/emitter.ts";
import { isComplete, shapeText, type Shape } from "../layers/shape.ts";
import { inputLayers, netOutputs, type Blob } from "../net/net.ts";
import { receptiveFields } from "../net/reach.ts";
import { inferShapes, shapeOf, type NetShapes } from "../net/shapes.ts";
import { denseForm, denseForms, type DenseForm, type DenseInput } from "../onnx/dense-form/dense-form.ts";
import { exportNet } from "../onnx/export.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { optimised } from "../onnx/passes/passes.ts";
import { convertNet, type Surgery } from "../surgery/fully-convolutional.ts";
import { paramSources } from "../surgery/weights.ts";
import type { WeightsFile } from "../weights/open.ts";
import { readParams } from "../weights/params.ts";

/** A net that classifies patches, ready to be laid out for an input of any size. */
export interface Classifier {
  /** `patch`: the file holds the patch classifier, converted here in memory; `fully convolutional`: it holds the converted net. */
  readonly given: "patch" | "fully convolutional";
  readonly geometry: Geometry;
  readonly channels: number;
  /** Classes of the output. */
  readonly classes: number;
  /** The name of the output. */
  readonly output: string;
  /** Why the fully convolutional net differs from the patch classifier; empty where it is exact. */
  readonly obstacles: readonly Diagnostic[];
  /** The fully convolutional net on an input of this size. */
  readonly fullyConvolutional: (input: Extent, batch?: number) => OnnxModel;
  /** The dense forms that the net has. */
  readonly denseForms: readonly DenseForm[];
  /** Why it has none: the layer and the reason. */
  readonly denseRefusal: string | undefined;
  /** The net in its dense form, exact, with stride 1: H - P + 1 rows of outputs. Throws a Failure `bad-net` where it has none. */
  readonly dense: (input: DenseInput, form: DenseForm) => OnnxModel;
  /** The classifier on so many patches at once. */
  readonly patches: (batch: number) => Promise<OnnxModel>;
}

export interface ClassifierOptions {
  /** The patch that a fully convolutional net was trained on; absent: its receptive field. */
  readonly patch?: Extent;
  /** The blob to take instead of the net's last output. */
  readonly output?: string;
  /** Leaves dropout on, drawing by this seed. */
  readonly dropoutSeed?: number;
  /** Graph passes to leave out, by name; the classifier on patches is never rewritten. */
  readonly withoutPasses?: readonly string[];
}

/** What is known of a classifier without its model. */
export interface ClassifierShape extends Pick<Classifier, "given" | "geometry" | "channels" | "classes" | "output" | "obstacles"> {
  /** Every blob that has a value per patch or position, by name; the output that is taken where none is chosen comes first. */
  readonly outputs: readonly string[];
  /** True where values are probabilities: in [0, 1]. */
  readonly isProbability: boolean;
}

/** What can be said of a classifier without its model. Throws a {@link Failure} `bad-net` where the net gives no answer per patch or cannot be converted. */
export function describeClassifier(shapes: NetShapes, options: ClassifierOptions = {}): ClassifierShape {
  const { image, surgery, net, output, ...known } = understand(shapes, options);
  return { ...known, channels: image.shape[1]!, output: output.name, obstacles: surgery?.obstacles ?? [], outputs: outputNames(net), isProbability: ["Softmax", "Sigmoid"].includes(output.maker.type) };
}

/**
 * The classifier of a net and its model. Throws a {@link Failure}: `bad-net` where the net gives no answer per patch or cannot be converted,
 * `bad-weights` where the model does not fit.
 */
export async function openClassifier(shapes: NetShapes, weights: WeightsFile, options: ClassifierOptions = {}): Promise<Classifier> {
  const { given, geometry, classes, image, surgery, net, output } = understand(shapes, options);
  const params = await readParams(net, weights, surgery && paramSources(surgery));
  const model = layout(net, params, image, output.name, options.dropoutSeed);
  // The patch classifier gives its scores where the surgery added a Softmax, and another blob than the last may see less than its patch:
  // it is run as the converted net on one patch then.
  const { patch } = geometry;
  // The quick map does without.
  const dense = once(() => denseOf(optimised(model(patch), options.withoutPasses)));
  const isSame =
    surgery !== undefined && shapes.net.blobs.some((blob) => blob.name === output.name) && patch.height === image.shape[2] && patch.width === image.shape[3];
  return {
    given,
    geometry,
    channels: image.shape[1]!,
    classes,
    output: output.name,
    obstacles: surgery?.obstacles ?? [],
    fullyConvolutional: (input, batch) => optimised(model(input, batch), options.withoutPasses),
    get denseForms() {
      return dense().denseForms;
    },
    get denseRefusal() {
      return dense().denseRefusal;
    },
    dense: (input, form) => dense().dense(input, form),
    patches: async (batch) =>
      (isSame ? layout(shapes, await readParams(shapes, weights), image, output.name, options.dropoutSeed) : model)(patch, batch),
  };
}

interface Understood extends Pick<Classifier, "given" | "geometry" | "classes"> {
  readonly image: ImageInput;
  readonly surgery: Surgery | undefined;
  /** The fully convolutional net. */
  readonly net: NetShapes;
  readonly output: Blob;
}

function understand(shapes: NetShapes, options: ClassifierOptions): Understood {
  const image = imageInput(shapes);
  const isPatch = shapes.net.layers.some((layer) => layer.type === "InnerProduct") || isSinglePosition(shapes);
  const surgery = isPatch ? converted(shapes) : undefined;
  const net = surgery?.shapes ?? shapes;
  const output = chooseOutput(net, options.output);
  const field = receptiveFields(net)[output.maker.index]![output.top];
  const common = { given: isPatch ? "patch" : "fully convolutional", image, surgery, net, output } as const;
  const shape = shapeOf(net, output);
  if (isPatch && shape?.length === 4 && shape[2] === 1 && shape[3] === 1) {
    if (field === undefined) throw new Failure("bad-net", "the net's output does not look at its image");
    const patch = { height: image.shape[2]!, width: image.shape[3]! };
    return { ...common, geometry: { patch, stride: { height: field.stride[0], width: field.stride[1] } }, classes: shape[1]! };
  }
  if (field === undefined || !field.size.every(Number.isFinite))
    throw new Failure("bad-net", `the output '${output.name}' depends on the whole image: there is no patch it stands for`);
  const patch = options.patch ?? { height: field.size[0], width: field.size[1] };
  const onPatch = inferShapes(net.net, { inputs: new Map([[image.blob.name, [1, image.shape[1]!, patch.height, patch.width]]]) });
  const single = shapeOf(onPatch, output);
  if (single?.length !== 4 || single[2] !== 1 || single[3] !== 1) {
    throw new Failure(
      "bad-net",
      `on a patch of ${patch.height} x ${patch.width} the output '${output.name}' is ${shapeText(single)}, not 1 x 1`,
      { advice: "Give the patch that the classifier was trained on with --patch." },
    );
  }
  return { ...common, geometry: { patch, stride: { height: field.stride[0], width: field.stride[1] } }, classes: single[1]! };
}

function converted(shapes: NetShapes): Surgery {
  const surgery = convertNet(shapes, {});
  if (!("refusals" in surgery)) return surgery;
  const [first] = surgery.refusals;
  throw new Failure("bad-net", first?.message ?? "the net cannot be converted");
}

/** The blobs that look at the image through a window, last first, the chosen one before all. */
function outputNames(net: NetShapes): string[] {
  const fields = receptiveFields(net);
  const seen = net.net.blobs.filter((blob) => {
    const field = blob.maker.bottoms.length === 0 ? undefined : fields[blob.maker.index]?.[blob.top];
    return field?.size.every(Number.isFinite) === true && field.stride.every(Number.isInteger) && shapeOf(net, blob)?.length === 4;
  });
  return [...new Set([chooseOutput(net, undefined).name, ...seen.reverse().map((blob) => blob.name)])];
}

/** The net's dense forms, tried on a single patch; or why there is none. */
function denseOf(onPatch: OnnxModel): Pick<Classifier, "dense" | "denseForms" | "denseRefusal"> {
  const [, , height, width] = onPatch.graph.inputs[0]!.shape as [number, number, number, number];
  const dense = (input: DenseInput, form: DenseForm): OnnxModel => denseForm(onPatch, input, form);
  const tried = new Map(denseForms.map((form) => [form, attempt(() => dense({ height, width }, form))]));
  const nodes = (form: DenseForm): number | undefined => tried.get(form)?.model?.graph.nodes.length;
  // Where no convolution is large enough, `winograd` is `dilated`.
  const forms = denseForms.filter((form) => nodes(form) !== undefined && (form !== "winograd" || nodes(form) !== nodes("dilated")));
  return { dense, denseForms: forms, denseRefusal: forms.length > 0 ? undefined : tried.get("dilated")?.refusal };
}

function attempt(make: () => OnnxModel): { readonly model?: OnnxModel; readonly refusal?: string } {
  try {
    return { model: make() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { refusal: error.message };
  }
}

interface ImageInput {
  readonly blob: Blob;
  readonly shape: Shape;
}

/** The one image that the net takes. */
function imageInput(shapes: NetShapes): ImageInput {
  const inputs = inputLayers(shapes.net).flatMap((layer) => layer.tops.map((blob) => ({ blob, shape: shapeOf(shapes, blob) })));
  const images = inputs.filter((input): input is ImageInput => input.shape?.length === 4);
  const [image] = images;
  if (image === undefined || !isComplete(image.shape))
    throw new Failure("bad-net", "the net has no image input of known size", {
      advice: "Use the deploy prototxt, with an input_shape of batch, channels, rows and columns.",
    });
  if (images.length > 1)
    throw new Failure("bad-net", `the net takes ${counted(images.length, "image")} at once; a classifier of patches takes one`);
  return image;
}

function isSinglePosition(shapes: NetShapes): boolean {
  const shape = shapeOf(shapes, chooseOutput(shapes, undefined));
  return shape !== undefined && (shape.length === 2 || (shape.length === 4 && shape[2] === 1 && shape[3] === 1));
}

/** The blob asked for, or the net's output; of several the one of a Softmax or Sigmoid, else the last that is made. */
function chooseOutput(shapes: NetShapes, name: string | undefined): Blob {
  const { net } = shapes;
  if (name !== undefined) {
    const blob = net.blobs.findLast((candidate) => candidate.name === name);
    if (blob === undefined) throw new Failure("bad-request", `the net has no blob '${name}'`);
    return blob;
  }
  const outputs = netOutputs(net).filter((blob) => blob.maker.bottoms.length > 0 && blob.maker.definition?.role !== "measure");
  const best =
    outputs.find((blob) => ["Softmax", "Sigmoid"].includes(blob.maker.type)) ??
    outputs.reduce<Blob | undefined>((a, b) => (a === undefined || b.maker.index > a.maker.index ? b : a), undefined);
  if (best === undefined) throw new Failure("bad-net", "the net has no output");
  return best;
}

/** The net laid out for an input size, with its weights. */
function layout(shapes: NetShapes, params: NetParams, image: ImageInput, output: string, dropoutSeed?: number): (input: Extent, batch?: number) => OnnxModel {
  return ({ height, width }, batch = 1) => {
    const inputs = new Map([[image.blob.name, [batch, image.shape[1]!, height, width]]]);
    return exportNet(inferShapes(shapes.net, { inputs }), params, { outputs: [output], ...(dropoutSeed !== undefined && { dropoutSeed }) });
  };
}
