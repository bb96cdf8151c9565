import type { Range } from "../text/edit.ts";
import { isFullyConvolutional, isPatchClassifier } from "../lint/lint.ts";
import type { Analysis } from "./analysis.ts";
import { netFacts } from "./facts.ts";

/** A line above the text: what it says, and what choosing it does. */
export interface Lens extends Range {
  readonly title: string;
  readonly action: "show-shapes" | "convert" | "preview" | "upgrade";
}

/** What can be done with a net, and its totals; nothing for a text without layers. */
export function lenses(analysis: Analysis): Lens[] {
  const { net } = analysis;
  const [first] = analysis.document.tree.root.fields;
  if (first === undefined || net.layers.length === 0) return [];
  const at = { start: first.nameRange.start, end: first.nameRange.end };
  const found: Lens[] = [{ ...at, title: netFacts(analysis), action: "show-shapes" }];
  if (isConvertible(analysis)) found.push({ ...at, title: "Convert to fully convolutional", action: "convert" });
  // What has no answer per patch cannot be shown pixel by pixel; the panel would only say so.
  if (isPatchClassifier(analysis.shapes) || isFullyConvolutional(analysis.shapes)) found.push({ ...at, title: "Preview", action: "preview" });
  if (net.format === "V0" || net.format === "V1") found.push({ ...at, title: "Upgrade to current format", action: "upgrade" });
  return found;
}

/** True where the conversion to a fully convolutional net has something to do. */
export function isConvertible({ net, shapes }: Analysis): boolean {
  return net.layers.some((layer) => layer.type === "InnerProduct") && isPatchClassifier(shapes);
}

/** True where the text is in one of Caffe's old formats, as far as an upgrade would change it. */
export function isLegacy({ net, document }: Analysis): boolean {
  return net.format === "V0" || net.format === "V1" || (net.format === "V2" && document.root.has("input"));
}
