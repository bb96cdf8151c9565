import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { UNKNOWN } from "../layers/shape.ts";
import { placeIn } from "../net/net.ts";
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
const codes: Readonly<Record<Mismatch["kind"], string>> = {
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
export function weightFindings(analysis: Analysis, file: WeightsFile): WeightFindings {
  const { net, shapes, options, document } = analysis;
  const wanted = net.layers.map((layer, i) => ({ name: layer.name, type: layer.type, params: shapes.layers[i]!.params.map((shape) => shape ?? [UNKNOWN]) }));
  const { verdict, mismatches } = checkWeights(file, wanted);
  const diagnostics = mismatches.flatMap((mismatch): Diagnostic[] => {
    const layer = net.layers.find((candidate) => candidate.name === mismatch.layer);
    const { start, end } = layer === undefined ? { start: 0, end: document.tree.root.fields[0]?.nameRange.end ?? 0 } : placeIn(layer, "name");
    const severity = options.severities?.[codes[mismatch.kind]] ?? severities[mismatch.kind];
    if (severity === "off") return [];
    return [{ code: codes[mismatch.kind], severity, start, end, message: mismatch.message, ...(layer && { layer: layer.name }), ...(mismatch.caffe !== undefined && { caffe: mismatch.caffe }) }];
  });
  return { verdict, diagnostics: applyDirectives(document.tree, diagnostics) };
}
