import type { Range } from "../text/edit.ts";
import { isComplete, shapeText, type Shape } from "../layers/shape.ts";
import type { Layer } from "../net/net.ts";
import { bottomShapes } from "../net/shapes.ts";
import type { Analysis } from "./analysis.ts";
import { markdownCode, markdownText } from "./markdown.ts";

/** A remark to show in the text at `offset`. */
export interface InlayHint {
  readonly offset: number;
  readonly label: string;
  /** More, in Markdown, for those who point at it. */
  readonly tooltip: string;
}

/**
 * The shapes of tops beside the tops, in a range of the text: `changes` where a layer changes the shape of what it reads, `all` after every layer.
 * Beside fully connected layers that look at an image, the kernel that they would have as convolutions.
 */
export function inlayHints(analysis: Analysis, range: Range, show: "changes" | "all" = "changes"): InlayHint[] {
  const hints: InlayHint[] = [];
  for (const layer of analysis.net.layers) {
    const node = layer.source?.node;
    if (node === undefined || node.end < range.start || node.start > range.end) continue;
    hints.push(...layerHints(analysis, layer, show));
  }
  return hints.filter(({ offset }) => offset >= range.start && offset <= range.end).sort((a, b) => a.offset - b.offset);
}

function* layerHints(analysis: Analysis, layer: Layer, show: "changes" | "all"): Generator<InlayHint> {
  const bottoms = bottomShapes(analysis.shapes, layer);
  const tops = analysis.shapes.layers[layer.index]!.tops;
  for (const [i, shape] of tops.entries()) {
    const place = layer.message.valuesOf("top")[i]?.valueNode;
    if (shape === undefined || place === undefined || (show === "changes" && isSame(shape, bottoms[i] ?? bottoms[0]))) continue;
    yield { offset: place.end, label: shapeText(shape, "hide"), tooltip: `${markdownCode(layer.tops[i]!.name)} is ${shapeText(shape)}${shape[0] === 1 && shape.length > 1 ? ", the batch of 1 first" : ""}.` };
  }
  const [bottom] = bottoms;
  const type = layer.message.place("type");
  if (layer.type === "InnerProduct" && type !== undefined && isComplete(bottom) && bottom.length === 4) {
    const size = `${bottom[2]} x ${bottom[3]}`;
    yield { offset: type.end, label: `kernel ${size}`, tooltip: `As a convolution, ${markdownText(layer.name)} would have a kernel of ${size}: its input is ${shapeText(bottom, "hide")}.` };
  }
}

function isSame(a: Shape, b: Shape | undefined): boolean {
  return b?.length === a.length && a.every((dimension, i) => Object.is(dimension, b[i]));
}
