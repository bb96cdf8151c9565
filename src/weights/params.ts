import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import type { NetParams, ParamValues } from "../layers/emitter.ts";
import { isComplete, shapeText, volume, type Shape } from "../layers/shape.ts";
import type { Layer } from "../net/net.ts";
import { paramOwners } from "../net/params.ts";
import type { NetShapes } from "../net/shapes.ts";
import { filledBlob } from "./fill.ts";
import { layerNamed, type WeightsFile } from "./open.ts";
import { readBlob } from "./values.ts";
import { shapeFits } from "./check.ts";

/** Where the weights of a converted layer come from: the layer as the model has it, before the surgery. */
export interface ParamSource {
  /** The layer's name in the model. */
  readonly name: string;
  /** The shape of its weights in the model. */
  readonly shape: Shape;
  /** True where the model holds them as inputs x outputs. */
  readonly transpose: boolean;
}

/**
 * The learned blobs of a net, read from a model as Caffe copies them: by layer name, in equal shapes; layers that the model lacks keep the
 * blobs given in the prototxt, or what a constant or bilinear filler says. Shared blobs take what their last user has in the model.
 *
 * `sources` says where the weights of layers that a surgery renamed lie. Throws a {@link Failure} `bad-weights` for what does not fit or is not there.
 * Source: `Net::CopyTrainedLayersFrom`.
 */
export async function readParams(
  shapes: NetShapes,
  file: WeightsFile | undefined,
  sources: ReadonlyMap<string, ParamSource> = new Map(),
): Promise<NetParams> {
  const owners = paramOwners(shapes);
  const shared = new Map<string, Float32Array>();
  const key = (owner: { layer: Layer; index: number }): string => `${owner.layer.index} ${owner.index}`;
  for (const layer of shapes.net.layers) {
    const wanted = shapes.layers[layer.index]!.params;
    if (wanted.length === 0) continue;
    if (!wanted.every(isComplete))
      throw new Failure("bad-net", `the shapes of ${layer.name}'s weights are not known`, { advice: "Give the net's input a shape." });
    const blobs = await layerBlobs(layer, wanted, file, sources.get(layer.name), (index) => shared.has(key(owners[layer.index]![index]!)));
    blobs.forEach((data, index) => {
      if (data !== undefined) shared.set(key(owners[layer.index]![index]!), data);
    });
  }
  const params = new Map<string, ParamValues[]>();
  for (const layer of shapes.net.layers) {
    const wanted = shapes.layers[layer.index]!.params;
    if (wanted.length === 0) continue;
    params.set(
      layer.name,
      wanted.map((shape, index) => ({ shape: shape!, data: shared.get(key(owners[layer.index]![index]!))! })),
    );
  }
  return params;
}

/** The values of a layer's blobs; undefined for a blob that another layer has brought already. */
async function layerBlobs(
  layer: Layer,
  wanted: readonly Shape[],
  file: WeightsFile | undefined,
  source: ParamSource | undefined,
  isShared: (index: number) => boolean,
): Promise<(Float32Array | undefined)[]> {
  const stored = file === undefined ? undefined : layerNamed(file, source?.name ?? layer.name);
  if (file === undefined || stored === undefined || stored.blobs.length === 0) {
    return wanted.map(
      (shape, index) =>
        inlineBlob(layer, index, shape) ?? (isShared(index) ? undefined : (filledBlob(layer, index, shape) ?? missing(layer, file))),
    );
  }
  if (stored.blobs.length !== wanted.length) {
    throw new Failure("bad-weights", `${layer.name} needs ${wanted.length} blobs, the model holds ${stored.blobs.length}`, {
      file: file.path,
      place: `layer '${stored.name}'`,
      advice: "The two files describe different nets.",
    });
  }
  return Promise.all(
    stored.blobs.map(async (blob, index) => {
      const asked = source !== undefined && index === 0 ? source.shape : wanted[index]!;
      const byCount = layer.definition?.paramsByCount === true && blob.count === volume(asked);
      if (!byCount && !shapeFits(blob, asked)) throw mismatch(layer, index, blob.shape, asked, file);
      const data = await readBlob(file, blob);
      if (data.length !== volume(asked))
        throw new Failure(
          "bad-weights",
          `blob ${index} of ${layer.name} is said to be ${shapeText(blob.shape)}, but holds ${count(data.length)} values`,
          { file: file.path },
        );
      return source?.transpose === true && index === 0 ? transposed(data, asked[0]!, asked[1]!) : data;
    }),
  );
}

function mismatch(layer: Layer, index: number, stored: Shape, asked: Shape, file: WeightsFile): Failure {
  const sameCount = volume(stored) === volume(asked);
  return new Failure(
    "bad-weights",
    `the model holds blob ${index} of ${layer.name} as ${shapeText(stored)}; this net declares ${shapeText(asked)}`,
    {
      file: file.path,
      advice: sameCount
        ? `The same ${count(volume(asked))} numbers in another shape: convert the weights.`
        : "The two files describe different nets.",
    },
  );
}

function missing(layer: Layer, file: WeightsFile | undefined): never {
  if (file === undefined)
    throw new Failure("bad-weights", `${layer.name} has learned weights, but no model is given`, { advice: "Give one with --weights." });
  throw new Failure("bad-weights", `the model has no weights for ${layer.name}`, {
    file: file.path,
    advice: "Weights are found by layer name: the model belongs to another net, or the layer was renamed.",
  });
}

/** The values of `blobs { … }` in the prototxt. */
function inlineBlob(layer: Layer, index: number, shape: Shape): Float32Array | undefined {
  const blob = layer.message.messages("blobs")[index];
  if (blob === undefined) return undefined;
  const data = [...blob.numbers("data"), ...blob.numbers("double_data")];
  return data.length === volume(shape) ? Float32Array.from(data) : undefined;
}

/** Values stored as `rows x columns`, written as `columns x rows`. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!;
  return result;
}
