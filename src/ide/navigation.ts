import type { Range } from "../text/edit.ts";
import type { Layer } from "../net/net.ts";
import type { Analysis } from "./analysis.ts";
import { cursorAt } from "./cursor.ts";
import { blobAt, firstOf, mentions, nameAt, namePlace, type Mention } from "./names.ts";

/** Where the name at an offset comes from: for a blob, the top that first makes it; for shared values, their first mention. */
export function definitionAt(analysis: Analysis, offset: number): { readonly from: Range; readonly to: Range; readonly whole: Range } | undefined {
  const name = nameAt(analysis, offset);
  if (name === undefined) return undefined;
  const from = { start: name.start, end: name.end };
  const blob = name.kind === "blob" ? blobAt(analysis, offset) : undefined;
  if (blob !== undefined) {
    const { maker, top } = firstOf(blob);
    const to = namePlace(analysis, maker, "top", top);
    return { from, to, whole: maker.source?.node?.parent ?? to };
  }
  const first = mentions(analysis, name).find(({ role }) => role === "makes");
  return first === undefined ? undefined : { from, to: first, whole: first.layer?.source?.node?.parent ?? first };
}

/** Every mention of the name at an offset; without declarations, only where it is read or changed. */
export function referencesAt(analysis: Analysis, offset: number, declarations = true): Mention[] {
  const name = nameAt(analysis, offset);
  if (name === undefined) return [];
  return mentions(analysis, name).filter(({ role }) => declarations || role !== "makes");
}

/** A layer as a step of the net: what its neighbours are called with. */
export interface LayerItem {
  readonly layer: Layer;
  readonly whole: Range;
  readonly name: Range;
}

/** The layer around an offset. */
export function layerAt(analysis: Analysis, offset: number): LayerItem | undefined {
  const { layer } = cursorAt(analysis, offset);
  return layer === undefined ? undefined : layerItem(analysis, layer);
}

/** The layers whose tops a layer reads, each with the places in that layer's own text that name them. */
export function upstream(analysis: Analysis, layer: Layer): { readonly item: LayerItem; readonly places: readonly Range[] }[] {
  const makers = layer.bottoms.map((blob, bottom) => ({ layer: blob?.maker, place: blob === undefined ? undefined : namePlace(analysis, blob.maker, "top", blob.top), bottom }));
  return grouped(analysis, makers);
}

/** The layers that read a layer's tops, each with the places in this layer that name them. */
export function downstream(analysis: Analysis, layer: Layer): { readonly item: LayerItem; readonly places: readonly Range[] }[] {
  return grouped(analysis, layer.tops.flatMap((blob, top) => blob.readers.map((reader) => ({ layer: reader.layer, place: namePlace(analysis, layer, "top", top) }))));
}

function grouped(analysis: Analysis, steps: readonly { readonly layer: Layer | undefined; readonly place: Range | undefined }[]): { item: LayerItem; places: Range[] }[] {
  const byLayer = new Map<Layer, Range[]>();
  for (const { layer, place } of steps) {
    if (layer === undefined || place === undefined) continue;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), place]);
  }
  return [...byLayer].map(([layer, places]) => ({ item: layerItem(analysis, layer), places }));
}

function layerItem(analysis: Analysis, layer: Layer): LayerItem {
  const name = namePlace(analysis, layer);
  return { layer, whole: layer.source?.node?.parent ?? name, name };
}
