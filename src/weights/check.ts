import { count, counted } from "../text/words.ts";
import { isComplete, isKnown, shapesDiffer, shapeText, volume, type Shape } from "../layers/shape.ts";
import { shownName } from "./shown-name.ts";
import { shownShape, surgeryBetween } from "./surgery-between.ts";
import type { BlobRef, WeightsFile, WeightsLayer } from "./weights-file.ts";

/** What a net asks of a model: its layers with the shapes of their learned blobs. */
export interface WantedLayer {
  readonly name: string;
  readonly type: string;
  /** `NaN` is an unknown dimension, `[NaN]` a shape of which nothing is known. */
  readonly params: readonly Shape[];
  /** True where only the numbers of values have to agree. */
  readonly byCount?: boolean;
}

/** One way in which model and net do not fit. */
export interface Mismatch {
  /**
   * `shape`, `needs-surgery`, `blob-count` and `no-data`: Caffe refuses the model. `missing-layer`: the layer keeps what its fillers gave.
   * `unused-layer`: Caffe ignores it.
   */
  readonly kind: "shape" | "needs-surgery" | "blob-count" | "missing-layer" | "unused-layer" | "no-data";
  readonly layer: string;
  /** Which blob of the layer. */
  readonly index?: number;
  readonly stored?: Shape;
  readonly wanted?: Shape;
  readonly message: string;
  /** What Caffe would say. */
  readonly caffe?: string;
}

/** What a comparison of model and net comes to. */
export interface WeightsCheck {
  /** `different nets` also where not one layer of the net is in the model, which Caffe would accept in silence. */
  readonly verdict: "same net" | "needs surgery" | "different nets";
  readonly mismatches: readonly Mismatch[];
}

/**
 * Compares every blob of a model with what a net asks for, by Caffe's rules: layers meet by name (the net's first of a name),
 * numbers of blobs and shapes must be equal. Layers without learned blobs are not compared: their type may be unknown here.
 *
 * Source: net.cpp, CopyTrainedLayersFrom; blob.cpp, ShapeEquals.
 */
export function checkWeights(file: WeightsFile, wanted: readonly WantedLayer[]): WeightsCheck {
  const model = file.path.split(/[\\/]/).at(-1)!;
  const firsts = new Map<string, WantedLayer>();
  for (const layer of wanted) if (!firsts.has(layer.name)) firsts.set(layer.name, layer);
  const orphans = new Set(file.layers.filter((layer) => layer.blobs.length > 0 && !firsts.has(layer.name)));

  const mismatches: Mismatch[] = [];
  let asked = 0;
  let met = 0;
  for (const layer of wanted) {
    if (layer.params.length === 0) continue;
    asked++;
    const stored = firsts.get(layer.name) === layer ? file.layers.filter((candidate) => candidate.name === layer.name) : [];
    const before = stored.length > 0 ? undefined : [...orphans].find((orphan) => isBefore(orphan, layer));
    if (before !== undefined) orphans.delete(before);
    if (stored.length > 0 || before !== undefined) met++;
    if (before !== undefined) mismatches.push(surgery(layer, before, before.blobs[0]!, 0)!);
    else if (stored.length === 0) mismatches.push(missing(model, layer));
    for (const each of stored) mismatches.push(...compare(model, layer, each));
  }
  for (const layer of orphans) {
    const message = `${model} holds weights for '${shownName(layer.name)}', a layer that this net does not have: Caffe ignores them.`;
    mismatches.push({ kind: "unused-layer", layer: layer.name, message });
  }
  const has = (...kinds: Mismatch["kind"][]): boolean => mismatches.some((mismatch) => kinds.includes(mismatch.kind));
  if (has("shape", "blob-count") || (asked > 0 && met === 0)) return { verdict: "different nets", mismatches };
  return { verdict: has("needs-surgery") ? "needs surgery" : "same net", mismatches };
}

/** True where Caffe takes a stored blob for a wanted shape: equal shapes; legacy blobs compare their four axes, missing ones counting 1. */
export function shapeFits(blob: Pick<BlobRef, "shape" | "legacy">, wanted: Shape): boolean {
  if (wanted.length === 1 && !isKnown(wanted[0]!)) return true;
  if (!blob.legacy) return !shapesDiffer(blob.shape, wanted);
  if (wanted.length > 4) return false;
  const padded = [...Array.from({ length: 4 - wanted.length }, () => 1), ...wanted];
  return !shapesDiffer(blob.shape, padded);
}

const differentNets = "The two files describe different nets.";

function compare(model: string, layer: WantedLayer, stored: WeightsLayer): Mismatch[] {
  const { name, params } = layer;
  if (stored.blobs.length !== params.length) {
    const held = stored.blobs.length === 0 ? "no blobs" : counted(stored.blobs.length, "blob");
    return [{
      kind: "blob-count",
      layer: name,
      message: `${model} holds ${held} for ${name}; this net wants ${count(params.length)}. ${countReason(layer, stored.blobs.length)}`,
      caffe:
        `Check failed: target_blobs.size() == source_layer.blobs_size() (${params.length} vs. ${stored.blobs.length}) ` +
        `Incompatible number of blobs for layer ${name}`,
    }];
  }
  return stored.blobs.flatMap((blob, index): Mismatch[] => {
    const wanted = params[index]!;
    const base = { layer: name, index, stored: blob.shape, wanted };
    const which = index === 0 ? name : `blob ${index} of ${name}`;
    if (!shapeFits(blob, wanted) && !(layer.byCount === true && blob.count === volume(wanted))) {
      const message = `${model} holds ${which} as ${shapeText(shownShape(blob))}; this net declares ${shapeText(wanted)}. ${differentNets}`;
      return [surgery(layer, stored, blob, index) ?? { ...base, kind: "shape", message, ...caffeShapes(layer, blob, index) }];
    }
    const declared = volume(blob.shape);
    if (blob.count === declared) return [];
    const held = blob.count === 0 ? "no" : count(blob.count);
    const what = `${model} declares ${which} as ${shapeText(shownShape(blob))}`;
    return [{ ...base, kind: "no-data", message: `${what} but holds ${held} values for it instead of ${count(declared)}.` }];
  });
}

/** The mismatch for a blob that is right but for a surgery; undefined where it is another blob altogether. */
function surgery(layer: WantedLayer, from: WeightsLayer, blob: BlobRef, index: number): Mismatch | undefined {
  const wanted = layer.params[index]!;
  const stored = shownShape(blob);
  const how = surgeryBetween(stored, wanted);
  if (how === undefined) return undefined;
  const which = index === 0 ? layer.name : `blob ${index} of ${layer.name}`;
  const held = from.name === layer.name ? "it" : shownName(from.name);
  const same = isComplete(wanted) ? `: the same ${counted(blob.count, "number")}${how === "transpose" ? ", transposed" : ""}` : "";
  const backwards = stored.length > 2 && wanted.length === 2;
  const advice = backwards ? "The model is converted already: use it with the fully convolutional net." : "Convert the weights.";
  const message = `${which} wants ${shapeText(wanted)}; the model holds ${held} as ${shapeText(stored)}${same}. ${advice}`;
  const caffe = from.name === layer.name ? caffeShapes(layer, blob, index) : {};
  return { kind: "needs-surgery", layer: layer.name, index, stored: blob.shape, wanted, message, ...caffe };
}

function missing(model: string, layer: WantedLayer): Mismatch {
  const message = `${model} has no weights for ${layer.name}: Caffe leaves it as its fillers made it, untrained.`;
  return { kind: "missing-layer", layer: layer.name, message };
}

/**
 * True where a layer of the model is what a layer of the net was before surgery: names that begin alike, and weights that surgery
 * turns into the wanted ones.
 */
function isBefore(orphan: WeightsLayer, layer: WantedLayer): boolean {
  const related = orphan.name !== "" && (layer.name.startsWith(orphan.name) || orphan.name.startsWith(layer.name));
  if (!related || orphan.blobs.length !== layer.params.length) return false;
  return orphan.blobs.every((blob, index) => {
    const wanted = layer.params[index]!;
    const isSame = shapeFits(blob, wanted);
    return index === 0 ? !isSame && surgeryBetween(shownShape(blob), wanted) !== undefined : isSame;
  });
}

function countReason(layer: WantedLayer, stored: number): string {
  const counts = [layer.params.length, stored].sort((a, b) => a - b).join(" ");
  if (layer.type === "BatchNorm" && counts === "3 5") return "Five blobs are the BatchNorm of NVIDIA's Caffe, three that of BVLC's.";
  return counts === "1 2" ? `Only one of the two has a bias (bias_term). ${differentNets}` : differentNets;
}

/** Caffe's own message for shapes that differ. */
function caffeShapes(layer: WantedLayer, blob: BlobRef, index: number): { caffe?: string } {
  const wanted = layer.params[index]!;
  if (!isComplete(wanted) || blob.count !== volume(blob.shape)) return {};
  const words = (shape: Shape): string => `${shape.map((dimension) => `${dimension} `).join("")}(${volume(shape)})`;
  const shapes = `Source param shape is ${words(blob.shape)}; target param shape is ${words(wanted)}. `;
  return {
    caffe:
      `Cannot copy param ${index} weights from layer '${layer.name}'; shape mismatch.  ${shapes}` +
      "To learn this layer's parameters from scratch rather than copying from a saved net, rename the layer.",
  };
}
