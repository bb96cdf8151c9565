import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { placeIn } from "../net/net.ts";
import type { NetShapes } from "../net/shapes.ts";
import { UNKNOWN } from "../layers/shape.ts";
import { checkWeights, type Mismatch } from "../weights/check.ts";
import { openWeights } from "../weights/open.ts";

const severities: Record<Mismatch["kind"], Severity> = {
  shape: "error",
  "needs-surgery": "error",
  "blob-count": "error",
  "no-data": "error",
  "missing-layer": "warning",
  "unused-layer": "information",
};
const codes: Record<Mismatch["kind"], string> = {
  shape: "weights-mismatch",
  "needs-surgery": "weights-need-surgery",
  "blob-count": "weights-mismatch",
  "no-data": "weights-mismatch",
  "missing-layer": "weights-missing",
  "unused-layer": "weights-unused",
};

/** What does not fit between a model and a net, as diagnostics on the net's layers. Throws a Failure where the model cannot be read. */
export async function weightFindings(shapes: NetShapes, path: string): Promise<Diagnostic[]> {
  const file = await openWeights(path);
  const wanted = shapes.net.layers.map((layer, i) => ({
    name: layer.name,
    type: layer.type,
    params: shapes.layers[i]!.params.map((shape) => shape ?? [UNKNOWN]),
    byCount: layer.definition?.paramsByCount === true,
  }));
  return checkWeights(file, wanted).mismatches.map((mismatch) => {
    const layer = shapes.net.layers.find((candidate) => candidate.name === mismatch.layer);
    const place = layer === undefined ? { start: 0, end: 0 } : placeIn(layer, "name");
    return {
      code: codes[mismatch.kind],
      severity: severities[mismatch.kind],
      ...place,
      message: mismatch.message,
      ...(mismatch.caffe !== undefined && { caffe: mismatch.caffe }),
      ...(layer && { layer: layer.name }),
    };
  });
}
