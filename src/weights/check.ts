import { count } from "../text/words.ts";
import { isKnown, shapeText, shapesDiffer, volume, type Shape } from "../layers/shape.ts";
import { layerNamed, type BlobRef, type WeightsFile, type WeightsLayer } from "./open.ts";

/** What a net asks of a model: its layers with the shapes of their learned blobs. */
export interface WantedLayer {
  readonly name: string;
  readonly type: string;
  readonly params: readonly Shape[];
  /** True where only the numbers of values have to agree. */
  readonly byCount?: boolean;
}

/** One way in which model and net do not fit. */
export interface Mismatch {
  readonly kind: "shape" | "needs-surgery" | "blob-count" | "missing-layer" | "unused-layer" | "no-data";
  readonly layer: string;
  /** Which blob of the layer. */
  readonly index?: number;
  readonly stored?: Shape;
  readonly wanted?: Shape;
  readonly message: string;
}

/** What a comparison of model and net comes to. */
export interface WeightsCheck {
  readonly verdict: "same net" | "needs surgery" | "different nets";
  readonly mismatches: readonly Mismatch[];
}

/** Compares every blob of a model with what a net asks for, by Caffe's rules. Source: `Net::CopyTrainedLayersFrom`, `Blob::ShapeEquals`. */
export function checkWeights(file: WeightsFile, wanted: readonly WantedLayer[]): WeightsCheck {
  const model = file.path.split(/[\\/]/).at(-1)!;
  const names = new Set(wanted.map((layer) => layer.name));
  const orphans = file.layers.filter((layer) => layer.blobs.length > 0 && !names.has(layer.name));
  const mismatches = wanted.filter((layer) => layer.params.length > 0).flatMap((layer) => checkLayer(file, model, layer, orphans));
  const explained = new Set(mismatches.filter((m) => m.kind === "needs-surgery").map((m) => m.message));
  for (const layer of orphans) {
    if ([...explained].some((message) => message.includes(` ${layer.name} `))) continue;
    mismatches.push({ kind: "unused-layer", layer: layer.name, message: `${model} holds weights for '${layer.name}', which this net has not; Caffe ignores them.` });
  }
  const serious = mismatches.filter((m) => m.kind !== "unused-layer" && m.kind !== "missing-layer");
  const lost = mismatches.filter((m) => m.kind === "missing-layer").length;
  const different = serious.some((m) => m.kind !== "needs-surgery") || (lost > 0 && lost === wanted.filter((layer) => layer.params.length > 0).length);
  return { verdict: different ? "different nets" : serious.length > 0 ? "needs surgery" : "same net", mismatches };
}

function checkLayer(file: WeightsFile, model: string, layer: WantedLayer, orphans: readonly WeightsLayer[]): Mismatch[] {
  const stored = layerNamed(file, layer.name);
  if (stored === undefined || stored.blobs.length === 0) {
    const before = orphans.find((orphan) => isBefore(orphan, layer));
    const first = layer.params[0]!;
    if (before === undefined) return [{ kind: "missing-layer", layer: layer.name, message: `${model} has no weights for ${layer.name}: Caffe would leave it as its fillers made it, untrained.` }];
    return [{ kind: "needs-surgery", layer: layer.name, index: 0, stored: before.blobs[0]!.shape, wanted: first, message: `${layer.name} wants ${shapeText(first)}; the model holds ${before.name} as ${shapeText(before.blobs[0]!.shape)}: the same ${count(volume(first))} numbers. Convert the weights.` }];
  }
  if (stored.blobs.length !== layer.params.length) {
    return [{ kind: "blob-count", layer: layer.name, message: `${model} holds ${stored.blobs.length} blobs for ${layer.name}; this net wants ${layer.params.length}. ${differentNets}` }];
  }
  return stored.blobs.flatMap((blob, index): Mismatch[] => {
    const wanted = layer.params[index]!;
    const base = { layer: layer.name, index, stored: blob.shape, wanted };
    if (!shapeFits(blob, wanted) && !(layer.byCount === true && blob.count === volume(wanted))) {
      const same = blob.count === volume(wanted);
      const what = `${model} holds ${layer.name}${index === 0 ? "" : ` (blob ${index})`} as ${shapeText(blob.shape)}; this net declares ${shapeText(wanted)}`;
      return [same ? { ...base, kind: "needs-surgery", message: `${what}: the same ${count(blob.count)} numbers. Convert the weights.` } : { ...base, kind: "shape", message: `${what}. ${differentNets}` }];
    }
    const expected = volume(blob.shape);
    return blob.count === expected ? [] : [{ ...base, kind: "no-data", message: `${model} says that blob ${index} of ${layer.name} is ${shapeText(blob.shape)}, but holds ${count(blob.count)} values for it instead of ${count(expected)}.` }];
  });
}

const differentNets = "The two files describe different nets.";

/** True where an orphan is what a layer was before surgery: a name that begins alike, and as many numbers. */
function isBefore(orphan: WeightsLayer, layer: WantedLayer): boolean {
  const related = layer.name.startsWith(orphan.name) || orphan.name.startsWith(layer.name);
  return related && orphan.blobs.length === layer.params.length && orphan.blobs.every((blob, i) => blob.count === volume(layer.params[i]!));
}

/** True where Caffe takes a stored blob for a wanted shape: equal shapes; legacy blobs compare their four axes, missing ones counting 1. */
export function shapeFits(blob: Pick<BlobRef, "shape" | "legacy">, wanted: Shape): boolean {
  if (!blob.legacy) return !shapesDiffer(blob.shape, wanted);
  if (wanted.length > 4) return false;
  const padded = [...Array.from({ length: 4 - wanted.length }, () => 1), ...wanted];
  return blob.shape.every((dimension, axis) => !isKnown(padded[axis]!) || dimension === padded[axis]);
}
