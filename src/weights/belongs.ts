import { UNKNOWN } from "../layers/shape.ts";
import type { NetShapes } from "../net/shapes.ts";
import { Failure } from "../text/failure.ts";
import { checkWeights, type WantedLayer, type WeightsCheck } from "./check.ts";
import { openWeights } from "./open.ts";

/** What a net asks of a model. */
export function wantedOf({ net, layers }: NetShapes): WantedLayer[] {
  return net.layers.map((layer, i) => ({
    name: layer.name,
    type: layer.type,
    params: layers[i]!.params.map((shape) => shape ?? [UNKNOWN]),
    byCount: layer.definition?.paramsByCount === true,
  }));
}

/** The comparison of a file with what a net asks for; undefined for a file that cannot be read as a model. */
export async function compareFile(path: string, wanted: readonly WantedLayer[]): Promise<WeightsCheck | undefined> {
  try {
    return checkWeights(await openWeights(path), wanted);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The one among some models that holds the layers of a net, all of them and no others, in its shapes; undefined where none or more than one does. */
export async function modelOf(paths: readonly string[], wanted: readonly WantedLayer[]): Promise<string | undefined> {
  const fitting = [];
  for (const path of paths) if ((await compareFile(path, wanted))?.mismatches.length === 0) fitting.push(path);
  return fitting.length === 1 ? fitting[0] : undefined;
}
