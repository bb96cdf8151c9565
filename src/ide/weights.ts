import type { Code, Diagnostic, Severity } from "../text/diagnostic.ts";
import { placeIn } from "../net/net.ts";
import type { NetShapes } from "../net/shapes.ts";
import { wantedOf } from "../weights/belongs.ts";
import { checkWeights, type Mismatch, type WeightsCheck } from "../weights/check.ts";
import type { WeightsFile } from "../weights/weights-file.ts";
import type { Analysis } from "./analysis.ts";
import { applyDirectives } from "./directives.ts";

const severities: Readonly<Record<Mismatch["kind"], Severity>> = {
  shape: "error",
  "needs-surgery": "error",
  "blob-count": "error",
  "no-data": "error",
  "missing-layer": "warning",
  "unused-layer": "information",
};
const codes: Readonly<Record<Mismatch["kind"], Code>> = {
  shape: "weights-mismatch",
  "needs-surgery": "weights-need-surgery",
  "blob-count": "weights-mismatch",
  "no-data": "weights-mismatch",
  "missing-layer": "weights-missing",
  "unused-layer": "weights-unused",
};

/** How a model fits a net: the verdict, and what does not fit as findings at the layers. */
export interface WeightFindings {
  readonly verdict: WeightsCheck["verdict"];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares a net with a model whose structure has been read. */
export function compareWeights(shapes: NetShapes, file: WeightsFile): WeightFindings {
  const { net } = shapes;
  const { verdict, mismatches } = checkWeights(file, wantedOf(shapes));
  const diagnostics = mismatches.map(({ kind, layer: name, message, caffe }): Diagnostic => {
    const layer = net.layers.find((candidate) => candidate.name === name);
    const { start, end } = layer === undefined ? (net.document.tree.root.fields[0]?.nameRange ?? { start: 0, end: 0 }) : placeIn(layer, "name");
    return { code: codes[kind], severity: severities[kind], start, end, message, ...(layer && { layer: layer.name }), ...(caffe !== undefined && { caffe }) };
  });
  return { verdict, diagnostics };
}

/** Like {@link compareWeights}, with the user's severities and comments. */
export function weightFindings(analysis: Analysis, file: WeightsFile): WeightFindings {
  const { verdict, diagnostics } = compareWeights(analysis.shapes, file);
  return { verdict, diagnostics: asWanted(analysis, diagnostics) };
}

/** Findings about a model with the severities that the user wants, without those that comments silence. */
export function asWanted({ options, document }: Analysis, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const wanted = diagnostics.flatMap((found) => {
    const severity = options.severities?.[found.code] ?? found.severity;
    return severity === "off" ? [] : [{ ...found, severity }];
  });
  return applyDirectives(document.tree, wanted);
}
