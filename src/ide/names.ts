import type { Range } from "../text/edit.ts";
import { Message, type FieldValue } from "../prototxt/message.ts";
import type { Blob, Layer } from "../net/net.ts";
import type { Analysis } from "./analysis.ts";
import { cursorAt } from "./cursor.ts";

/** A name of a net: of a blob, a layer, or of shared learned values (`param { name: … }`). */
export interface NetName {
  readonly kind: "blob" | "layer" | "param";
  readonly name: string;
}

/** A place where a name is written; the range is inside the quotes. */
export interface Mention extends Range {
  readonly role: "makes" | "changes" | "reads";
  readonly layer: Layer | undefined;
}

/** The name at an offset and where it is written there; undefined where no name stands. */
export function nameAt(analysis: Analysis, offset: number): (NetName & Range) | undefined {
  const { field, part, value, messages } = cursorAt(analysis, offset);
  if (field === undefined || part !== "value" || value?.form !== "string") return undefined;
  const owner = messages.at(-1)!.schema?.name ?? "";
  const isLayer = ["LayerParameter", "V1LayerParameter", "V0LayerParameter"].includes(owner);
  const kind =
    isLayer && (field.name === "bottom" || field.name === "top") ? "blob"
    : isLayer && field.name === "name" ? "layer"
    : owner === "NetParameter" && field.name === "input" ? "blob"
    : (owner === "ParamSpec" && field.name === "name") || (owner === "V1LayerParameter" && field.name === "param") ? "param"
    : undefined;
  if (kind === undefined) return undefined;
  const range = inside(analysis.text, value);
  return { kind, name: analysis.text.slice(range.start, range.end), ...range };
}

/** Every place that writes a name, in the order of the text; layers that the phase leaves out included. */
export function mentions(analysis: Analysis, { kind, name }: NetName): Mention[] {
  const { net, text, document } = analysis;
  const found: Mention[] = [];
  const add = (given: readonly FieldValue[] | undefined, layer: Layer | undefined, role: (index: number) => Mention["role"]): void => {
    given?.forEach(({ value, valueNode }, index) => {
      if (value === name && valueNode !== undefined) found.push({ ...inside(text, valueNode), role: role(index), layer });
    });
  };
  const layers = [...net.layers.map((layer) => ({ message: layer.message, layer })), ...net.excluded.map(({ message }) => ({ message, layer: undefined }))];
  for (const { message, layer } of layers) {
    if (kind === "layer") add(message.valuesOf("name"), layer, () => "makes");
    else if (kind === "blob") {
      const bottoms = message.texts("bottom");
      add(message.valuesOf("bottom"), layer, () => "reads");
      add(message.valuesOf("top"), layer, (index) => (bottoms[index] === name ? "changes" : "makes"));
    } else for (const spec of message.messages("param")) add(spec.valuesOf("name"), layer, () => "reads");
  }
  if (kind === "blob") add(document.root.valuesOf("input"), undefined, () => "makes");
  const unique = new Map(found.map((mention) => [mention.start, mention]));
  const sorted = [...unique.values()].sort((a, b) => a.start - b.start);
  const [first] = sorted;
  return kind === "param" && first !== undefined ? [{ ...first, role: "makes" }, ...sorted.slice(1)] : sorted;
}

/** The blob that a mention in a layer stands for; undefined where no layer above makes it. */
export function blobAt(analysis: Analysis, offset: number): Blob | undefined {
  // Outside of layers, the names are those of the Input layer that net-level `input` stands for.
  const layer = cursorAt(analysis, offset).layer ?? analysis.net.layers.find(({ source }) => source === undefined);
  if (layer === undefined) return undefined;
  for (const [field, blobs] of [["bottom", layer.bottoms], ["top", layer.tops]] as const) {
    const index = layer.message.valuesOf(field).findIndex(({ valueNode }) => valueNode !== undefined && valueNode.start <= offset && offset <= valueNode.end);
    if (index >= 0) return blobs[index];
  }
  return undefined;
}

/** The blob as it was first made, before layers changed it in place. */
export function firstOf(blob: Blob): Blob {
  let first = blob;
  while (first.overwrites !== undefined) first = first.overwrites;
  return first;
}

/** The forms that a blob takes one after the other as layers change it in place, the first as it was made. */
export function chainOf(blob: Blob): Blob[] {
  const chain = [firstOf(blob)];
  for (;;) {
    const last = chain.at(-1)!;
    const next = last.readers.map(({ layer, bottom }) => layer.tops[bottom]).find((top) => top?.overwrites === last);
    if (next === undefined) return chain;
    chain.push(next);
  }
}

/** Where a layer, or the top of a layer, writes its name, inside the quotes. */
export function namePlace(analysis: Analysis, layer: Layer, field: "name" | "top" = "name", index = 0): Range {
  const given = layer.message.valuesOf(field)[index];
  const node = given?.valueNode;
  if (node !== undefined && !(given?.value instanceof Message)) return inside(analysis.text, node);
  const place = layer.message.place("type") ?? layer.source?.node?.parent?.nameRange ?? analysis.document.root.fieldNode("input")?.nameRange;
  return place === undefined ? { start: 0, end: 0 } : { start: place.start, end: place.end };
}

/** The range of a string's text without its quotes; of anything else, the whole. */
export function inside(text: string, { start, end }: Range): Range {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return { start, end };
  return { start: start + 1, end: end - start > 1 && text[end - 1] === quote ? end - 1 : end };
}
