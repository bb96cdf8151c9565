import { count, counted, shortCount } from "../text/words.ts";
import { shapeText } from "../layers/shape.ts";
import type { Blob, Layer } from "../net/net.ts";
import { bottomShapes, shapeOf } from "../net/shapes.ts";
import { isPatchClassifier } from "../lint/lint.ts";
import type { Analysis } from "./analysis.ts";
import { markdownCode, markdownText } from "./markdown.ts";
import { chainOf } from "./names.ts";

/** Rows and columns, as one number where they are the same. */
export function pairText([rows, columns]: readonly [number, number]): string {
  return rows === columns ? String(rows) : `${rows} x ${columns}`;
}

/** A layer in lines of Markdown: shapes in and out, what it learns, costs and sees. Unknown things are left out. */
export function layerFacts(analysis: Analysis, layer: Layer): string[] {
  const { shapes, fields, cost } = analysis;
  const { tops, params } = shapes.layers[layer.index]!;
  const { parameters, multiplyAdds } = cost.layers[layer.index]!;
  const field = fields[layer.index]?.[0];
  const join = (names: readonly string[], all: readonly (readonly number[] | undefined)[]): string =>
    names.map((name, i) => `${markdownCode(name)} ${shapeText(all[i], "hide")}`).join(", ");
  const facts = [];
  if (layer.bottomNames.length > 0) facts.push(`in: ${join(layer.bottomNames, bottomShapes(shapes, layer))}`);
  if (layer.tops.length > 0) facts.push(`out: ${join(layer.tops.map((top) => top.name), tops)}`);
  if (params.length > 0) {
    facts.push(`learned: ${params.map((shape) => shapeText(shape)).join(" and ")}${Number.isFinite(parameters) ? `, ${counted(parameters, "parameter")}` : ""}`);
  }
  if (multiplyAdds > 0) facts.push(`${shortCount(multiplyAdds)} multiply-adds`);
  if (field !== undefined && Number.isFinite(field.size[0])) facts.push(`receptive field ${pairText(field.size)}, stride ${pairText(field.stride)}`);
  return facts;
}

/** A blob in lines of Markdown: its shape, who makes it, changes it in place and reads it. */
export function blobFacts(analysis: Analysis, blob: Blob): string[] {
  const shape = shapeOf(analysis.shapes, blob);
  const field = analysis.fields[blob.maker.index]?.[blob.top];
  const [first, ...changed] = chainOf(blob);
  const readers = [first!, ...changed].flatMap(({ readers }) => readers.map(({ layer }) => layer)).filter((layer) => !changed.some(({ maker }) => maker === layer));
  const names = (layers: readonly Layer[]): string => {
    const shown = [...new Set(layers)].map((layer) => `${markdownText(layer.name)} (${markdownText(layer.type)})`);
    return shown.length > 6 ? `${shown.slice(0, 5).join(", ")} and ${counted(shown.length - 5, "other")}` : shown.join(", ");
  };
  const facts = [`made by ${names([first!.maker])}`];
  if (changed.length > 0) facts.push(`changed in place by ${names(changed.map(({ maker }) => maker))}`);
  facts.push(readers.length > 0 ? `read by ${names(readers)}` : "read by no layer: an output of the net");
  if (field !== undefined && Number.isFinite(field.size[0])) facts.push(`receptive field ${pairText(field.size)}, stride ${pairText(field.stride)}`);
  return [`**${markdownText(blob.name)}** ${shapeText(shape)}`, ...facts];
}

/** The net in one line: `88,226 parameters · 2.2 M multiply-adds per patch · field 32, stride 4`. */
export function netFacts(analysis: Analysis): string {
  const { cost, net, fields, shapes } = analysis;
  const { parameters, multiplyAdds } = cost.total;
  const outputs = net.blobs.filter((blob) => blob.readers.length === 0 && shapeOf(shapes, blob) !== undefined);
  const field = outputs.map((blob) => fields[blob.maker.index]?.[blob.top]).filter((seen) => seen !== undefined).at(-1);
  const parts = [`${count(parameters)} parameters`];
  if (multiplyAdds > 0) parts.push(`${shortCount(multiplyAdds)} multiply-adds${isPatchClassifier(shapes) ? " per patch" : ""}`);
  if (field !== undefined && Number.isFinite(field.size[0])) parts.push(`field ${pairText(field.size)}, stride ${pairText(field.stride)}`);
  return parts.join(" · ");
}
