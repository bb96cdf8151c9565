import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { shapeText, volume } from "../layers/shape.ts";
import type { NetShapes } from "../net/shapes.ts";
import { shapeFits } from "../weights/check.ts";
import { layerNamed, type WeightsFile } from "../weights/open.ts";
import type { ParamSource } from "../weights/params.ts";
import { rewriteWeights, type LayerChange, type RewriteOptions } from "../weights/rewrite.ts";
import type { Surgery } from "./fully-convolutional.ts";

/** Field numbers of `inner_product_param`, which a convolution has no use for. */
const innerProductFields = { V0: [], V1: [17], V2: [117] } as const;

/**
 * What the surgery changes in a model: names, types and shapes of the converted layers; values only where they are stored transposed.
 *
 * Throws a {@link Failure} `bad-weights` where the model does not fit the net before the surgery.
 */
export function planWeights(file: WeightsFile, before: NetShapes, surgery: Surgery): ReadonlyMap<string, LayerChange> {
  const changes = new Map<string, LayerChange>();
  for (const { layer, name, from, to, transpose } of surgery.conversions) {
    const stored = layerNamed(file, layer.name);
    if (stored === undefined || stored.blobs.length === 0) {
      if (layerNamed(file, name) !== undefined)
        throw new Failure("bad-weights", `the model holds '${name}' already: it is converted`, { file: file.path });
      throw new Failure("bad-weights", `the model has no weights for ${layer.name}`, {
        file: file.path,
        advice: "The two files describe different nets.",
      });
    }
    const params = before.layers[layer.index]!.params;
    const [weights, bias] = stored.blobs;
    const fits =
      stored.blobs.length === params.length &&
      shapeFits(weights!, from) &&
      weights!.count === volume(from) &&
      (bias === undefined || bias.count === to[0]);
    if (!fits) {
      throw new Failure(
        "bad-weights",
        `the model holds ${layer.name} as ${stored.blobs.map((blob) => `${shapeText(blob.shape)} (${count(blob.count)} values)`).join(" and ")}; this net declares ${params.map((shape) => shapeText(shape)).join(" and ")}`,
        { file: file.path, advice: "The two files describe different nets." },
      );
    }
    changes.set(layer.name, {
      name,
      type: "Convolution",
      blobs: [
        { shape: to, ...(transpose && { transpose: { rows: from[0]!, columns: from[1]! } }) },
        ...(bias === undefined ? [] : [{ shape: [to[0]!] }]),
      ],
      dropFields: innerProductFields[stored.format],
    });
  }
  return changes;
}

/** Writes the converted model. See {@link rewriteWeights}. */
export async function convertWeights(
  file: WeightsFile,
  target: string,
  changes: ReadonlyMap<string, LayerChange>,
  onProgress?: RewriteOptions["onProgress"],
  signal?: AbortSignal,
): Promise<void> {
  await rewriteWeights(file, target, changes, { ...(onProgress && { onProgress }), ...(signal && { signal }) });
}

/** Where the weights of the converted net lie in the model of the net before, for use without writing a converted model. */
export function paramSources(surgery: Surgery): ReadonlyMap<string, ParamSource> {
  return new Map(surgery.conversions.map(({ layer, name, from, transpose }) => [name, { name: layer.name, shape: from, transpose }]));
}
