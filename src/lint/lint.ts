import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { once } from "../text/once.ts";
import { inputLayers, type Net } from "../net/net.ts";
import { receptiveFields } from "../net/reach.ts";
import { inferShapes, shapeOf, type NetShapes, type ShapeOptions } from "../net/shapes.ts";
import type { LintContext } from "./rule.ts";
import { rules } from "./rules.ts";

/** What to look for. */
export interface LintOptions extends ShapeOptions {
  /** Checks for running a patch classifier on every pixel; `auto` (the default): where the net looks like one. */
  readonly pixelwise?: "auto" | "on" | "off";
  /** Severities other than the rules' own, by code; `off` leaves a code out. */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
}

/** All that is known to be wrong with a net, or worth knowing, in the order of the text: syntax, schema, wiring, shapes, rules. */
export function lint(net: Net, options: LintOptions = {}): Diagnostic[] {
  return lintShapes(inferShapes(net, options), options);
}

/** Like {@link lint}, where the shapes are already known. */
export function lintShapes(shapes: NetShapes, options: LintOptions = {}): Diagnostic[] {
  const { net } = shapes;
  const fields = once(() => receptiveFields(shapes));
  const context: LintContext = { net, shapes, get fields() { return fields(); }, isPatchClassifier: isPatchClassifier(shapes) };
  const pixelwise =
    options.pixelwise === "on" || (options.pixelwise !== "off" && (context.isPatchClassifier || isFullyConvolutional(shapes)));
  const found = rules
    .filter((rule) => rule.group !== "pixelwise" || pixelwise)
    .flatMap((rule) => [...rule.check(context)].map((finding) => ({ ...finding, code: rule.code, severity: rule.severity })));
  const all = [...net.document.diagnostics, ...net.diagnostics, ...shapes.diagnostics, ...found].flatMap((diagnostic) => {
    const severity = options.severities?.[diagnostic.code] ?? diagnostic.severity;
    return severity === "off" ? [] : [{ ...diagnostic, severity }];
  });
  return all.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** True where the net takes one image of known size and gives one answer for all of it. */
export function isPatchClassifier(shapes: NetShapes): boolean {
  if (imageInput(shapes) === undefined) return false;
  const outputs = shapes.net.blobs.filter(
    (blob) => blob.readers.length === 0 || blob.readers.every((reader) => isMeasure(reader.layer.definition?.role)),
  );
  const answer = outputs.filter((blob) => blob.maker.bottoms.length > 0).at(-1);
  const shape = shapeOf(shapes, answer);
  return shape !== undefined && ((shape.length === 4 && shape[2] === 1 && shape[3] === 1) || (shape.length >= 1 && shape.length <= 2));
}

function isMeasure(role: string | undefined): boolean {
  return role === "loss" || role === "measure";
}

export function isFullyConvolutional(shapes: NetShapes): boolean {
  return (
    imageInput(shapes) !== undefined && shapes.net.layers.some((layer) => layer.name.endsWith("-conv") && layer.type === "Convolution")
  );
}

/** The shape of the first image input, `[batch, channels, rows, columns]`; undefined where there is none. */
function imageInput(shapes: NetShapes): readonly number[] | undefined {
  return inputLayers(shapes.net)
    .flatMap((layer) => shapes.layers[layer.index]!.tops)
    .find((shape) => shape?.length === 4 && (shape[2]! > 1 || shape[3]! > 1));
}
