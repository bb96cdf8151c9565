import type { Diagnostic } from "../text/diagnostic.ts";
import { closest, counted } from "../text/words.ts";
import type { Counts, LayerInput, Phase } from "../layers/definition.ts";
import { layerType } from "../layers/registry.ts";
import type { DialectName } from "../schema/schema.ts";
import { factsOf } from "./layer-facts.ts";
import type { ListedLayer } from "./legacy.ts";
import { placeIn, type Blob, type Layer } from "./net.ts";

type Report = (diagnostic: Diagnostic) => void;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface OpenBlob extends Mutable<Blob> {
  readers: { layer: Layer; bottom: number }[];
}

/**
 * The layers joined by their blobs. A blob name may be made several times: in place (top i = bottom i), then later readers see the new one.
 * What Caffe refuses is reported: unknown bottoms, tops made twice, in-place use of a blob that others read, wrong counts.
 * Source: `InsertSplits`, `Net::AppendTop`, `Layer::CheckBlobCounts`.
 */
export function wire(
  listed: readonly ListedLayer[],
  phase: Phase,
  dialect: DialectName,
  report: Report,
): { layers: Layer[]; blobs: Blob[] } {
  const latest = new Map<string, OpenBlob>();
  const blobs: OpenBlob[] = [];
  let makers: Map<string, number[]> | undefined;
  const layers = listed.map(({ message, source }, index) => {
    const { name, type, bottoms: bottomNames, tops: given, rest } = factsOf(message);
    const layer: Mutable<Layer> = {
      index,
      name,
      type,
      definition: layerType(type, dialect),
      phase: rest.phase ?? phase,
      message,
      source,
      bottoms: none,
      bottomNames,
      tops: none,
    };
    layer.bottoms = bottomNames.map((bottomName, bottom) => {
      const blob = latest.get(bottomName);
      if (blob === undefined) {
        makers ??= topMakers(listed);
        report(unknownBottom(layer, bottom, makers.get(bottomName), listed, latest.keys()));
      } else if (blob.readers.length === 0) blob.readers = [{ layer, bottom }];
      else blob.readers.push({ layer, bottom });
      return blob;
    });
    layer.tops = tops(layer, given, dialect).map((name, top) => {
      const automatic = top >= given.length;
      const before = automatic ? undefined : latest.get(name);
      const inPlace = before !== undefined && bottomNames[top] === name;
      if (before !== undefined) checkTop(layer, top, before, inPlace, report);
      const blob: OpenBlob = { name, maker: layer, top, readers: none, overwrites: inPlace ? before : undefined, automatic };
      if (!automatic) latest.set(name, blob);
      blobs.push(blob);
      return blob;
    });
    checkCounts(layer, dialect, report);
    return layer;
  });
  return { layers, blobs };
}

/** Shared: lists that stay empty for most are made where they are filled. */
const none: never[] = [];

function tops(layer: Layer, given: readonly string[], dialect: DialectName): readonly string[] {
  const { definition } = layer;
  if (definition?.autoTop !== true) return given;
  const wanted = countsOf(definition.tops, layer, dialect).min;
  return [...given, ...Array.from({ length: Math.max(0, wanted - given.length) }, () => "(automatic)")];
}

/** The layers that make each blob, by its name. */
function topMakers(listed: readonly ListedLayer[]): Map<string, number[]> {
  const makers = new Map<string, number[]>();
  listed.forEach(({ message }, index) => {
    for (const top of factsOf(message).tops) {
      const known = makers.get(top);
      if (known === undefined) makers.set(top, [index]);
      else known.push(index);
    }
  });
  return makers;
}

function unknownBottom(
  layer: Layer,
  bottom: number,
  makers: readonly number[] | undefined,
  listed: readonly ListedLayer[],
  known: Iterable<string>,
): Diagnostic {
  const name = layer.bottomNames[bottom]!;
  const place = placeIn(layer, `bottom.${bottom}`);
  const laterIndex = makers?.find((maker) => maker >= layer.index);
  const later = laterIndex === undefined ? undefined : listed[laterIndex];
  const suggestion = later === undefined ? closest(name, known) : undefined;
  const how =
    later === undefined
      ? `no layer above makes '${name}'.${suggestion === undefined ? " Name a top of a layer above." : ` Did you mean '${suggestion}'?`}`
      : later.message === layer.message
        ? `'${name}' is made by this layer itself; no layer above makes it.`
        : `'${name}' is made only further down, by '${later.message.text("name")}'. Caffe builds layers in the order they are written: move that layer up.`;
  return {
    code: "unknown-bottom",
    severity: "error",
    ...place,
    layer: layer.name,
    message: how,
    // A V0 net is stopped earlier, by the upgrade, which calls the bottom's index a layer.
    caffe: layer.source?.has("layer") === true ? `Unknown blob input ${name} to layer ${bottom}` : `Unknown bottom blob '${name}' (layer '${layer.name}', bottom index ${bottom})`,
    ...(suggestion !== undefined && {
      fixes: [{ title: `Change to '${suggestion}'`, edits: [{ ...place, text: JSON.stringify(suggestion) }], preferred: true }],
    }),
  };
}

function checkTop(layer: Layer, top: number, before: Blob, inPlace: boolean, report: Report): void {
  const [other] = inPlace ? before.readers.filter((reader) => reader.layer !== layer || reader.bottom !== top) : [];
  if (inPlace && other === undefined && lossWeight(before) === 0) return;
  const caffe = `Top blob '${before.name}' produced by multiple sources.`;
  const made = { ...placeIn(before.maker, `top.${before.top}`), message: `'${before.name}' is made here by '${before.maker.name}'.` };
  const place = placeIn(layer, `top.${top}`);
  if (!inPlace) {
    report({
      code: "duplicate-top",
      severity: "error",
      ...place,
      layer: layer.name,
      caffe,
      related: [made],
      message: `'${before.name}' is already made by '${before.maker.name}'. Give this top another name${layer.bottomNames.includes(before.name) ? ", or make it the same position as the bottom it overwrites" : ""}.`,
    });
    return;
  }
  const who =
    other === undefined
      ? "it also counts as a loss (loss_weight)"
      : other.layer === layer
        ? "it reads it twice itself"
        : `'${other.layer.name}' above reads it too`;
  const related =
    other === undefined ? [made] : [made, { ...placeIn(other.layer, `bottom.${other.bottom}`), message: `'${before.name}' is read here.` }];
  report({
    code: "in-place-shared",
    severity: "error",
    ...place,
    layer: layer.name,
    caffe,
    related,
    message: `${layer.name} overwrites '${before.name}' in place, but ${who}. Give the top of ${layer.name} a name of its own.`,
  });
}

/** A non-zero loss_weight makes a blob count as read once more. Source: `InsertSplits`. */
function lossWeight(blob: Blob): number {
  return blob.maker.message.numbers("loss_weight")[blob.top] ?? 0;
}

function countsOf(counts: Counts | ((layer: LayerInput) => Counts), layer: Layer, dialect: DialectName): Counts {
  if (typeof counts !== "function") return counts;
  const { name, type, phase, message, bottomNames } = layer;
  return counts({
    name,
    type,
    phase,
    dialect,
    message,
    bottoms: bottomNames.map(() => undefined),
    bottomNames,
    topNames: factsOf(message).tops,
  });
}

function checkCounts(layer: Layer, dialect: DialectName, report: Report): void {
  const { definition } = layer;
  if (definition === undefined) return;
  for (const side of ["bottom", "top"] as const) {
    const given = side === "bottom" ? layer.bottomNames.length : layer.tops.length;
    const { min, max } = countsOf(side === "bottom" ? definition.bottoms : definition.tops, layer, dialect);
    if (given >= min && given <= (max ?? Infinity)) continue;
    const wants =
      max === undefined
        ? `at least ${counted(min, side)}`
        : min === max
          ? max === 0
            ? `no ${side}`
            : `exactly ${counted(min, side)}`
          : given < min
            ? `at least ${counted(min, side)}`
            : `at most ${counted(max, side)}`;
    report({
      code: `${side}-count`,
      severity: "error",
      ...placeIn(layer, given > (max ?? Infinity) ? `${side}.${max ?? 0}` : undefined),
      layer: layer.name,
      message: `${layer.name} (${layer.type}) takes ${wants}; it has ${given === 0 ? "none" : given}.`,
      caffe: countText(layer.type, side, given, min, max),
    });
  }
  if (definition.sameCounts === true && layer.bottomNames.length !== layer.tops.length) {
    const [b, t] = [layer.bottomNames.length, layer.tops.length];
    report({
      code: "top-count",
      severity: "error",
      ...placeIn(layer, undefined),
      layer: layer.name,
      message: `${layer.name} (${layer.type}) makes one top for each bottom; it has ${counted(b, "bottom")} and ${counted(t, "top")}.`,
      caffe: `Check failed: bottom.size() == top.size() (${b} vs. ${t}) ${layer.type} Layer produces one top blob as output for each bottom blob input.`,
    });
  }
}

/** The text of `Layer::CheckBlobCounts`. */
function countText(type: string, side: "bottom" | "top", given: number, min: number, max: number | undefined): string {
  const Side = side === "bottom" ? "Bottom" : "Top";
  const verb = side === "bottom" ? "takes" : "produces";
  const end = side === "bottom" ? "as input." : "as output.";
  if (min === max)
    return `Check failed: ExactNum${Side}Blobs() == ${side}.size() (${min} vs. ${given}) ${type} Layer ${verb} ${min} ${side} blob(s) ${end}`;
  if (given < min)
    return `Check failed: Min${Side}Blobs() <= ${side}.size() (${min} vs. ${given}) ${type} Layer ${verb} at least ${min} ${side} blob(s) ${end}`;
  return `Check failed: Max${Side}Blobs() >= ${side}.size() (${max} vs. ${given}) ${type} Layer ${verb} at most ${max} ${side} blob(s) ${end}`;
}
