import { Failure } from "../text/failure.ts";
import { counted } from "../text/words.ts";
import { describeClassifier, type ClassifierShape } from "../inference/classifier.ts";
import { readDocument } from "../net/document.ts";
import { readNet } from "../net/net.ts";
import { inferShapes, type NetShapes } from "../net/shapes.ts";
import { dialectNames } from "../schema/schema.ts";
import { indexLines, positionAt } from "../text/line-index.ts";
import type { NetInfo } from "./messages.ts";
import type { NetReading } from "./protocol.ts";
import { refuseChannels } from "./settings.ts";

/** A net that can be run on images, as far as its text tells. */
export interface OpenedNet {
  readonly shapes: NetShapes;
  readonly classifier: ClassifierShape;
  readonly displacements: readonly number[];
}

/** The shapes of a net's text, sound or not. */
export function readShapes(text: string, { dialect, customLayers }: NetReading): NetShapes {
  const known = dialectNames.find((name) => name === dialect);
  return inferShapes(readNet(readDocument(text, known === undefined ? {} : { dialect: known })), { custom: customLayers });
}

/** The net, ready for images; `output` is the blob to look at, where it has it. Throws a Failure that says why it cannot be run. */
export function openNet(shapes: NetShapes, output: string): OpenedNet {
  const { net } = shapes;
  const errors = [...net.document.diagnostics, ...net.diagnostics, ...shapes.diagnostics].filter((found) => found.severity === "error");
  const [first] = errors;
  if (first !== undefined) {
    const { line } = positionAt(indexLines(net.document.tree.text), first.start);
    const more = errors.length > 1 ? ` (and ${counted(errors.length - 1, "more error")})` : "";
    throw new Failure("bad-net", `${first.message}${more}`, { place: `line ${line + 1}` });
  }
  const last = describeClassifier(shapes);
  const refusal = refuseChannels(last.channels);
  if (refusal !== undefined) throw new Failure("bad-net", refusal);
  const classifier = last.outputs.includes(output) && output !== last.output ? describeClassifier(shapes, { output }) : last;
  return { shapes, classifier, displacements: displacementsOf(classifier) };
}

/** What is shown of a net. */
export function netInfo({ shapes, classifier, displacements }: OpenedNet, labels: readonly string[] | undefined, labelsFile: string | undefined, file: string): NetInfo {
  const { given, geometry, channels, classes, obstacles, outputs, output } = classifier;
  const isLast = output === outputs[0];
  const field = geometry.patch;
  return {
    name: shapes.net.name === "" ? file : shapes.net.name,
    given,
    patch: [geometry.patch.height, geometry.patch.width],
    stride: [geometry.stride.height, geometry.stride.width],
    field: [field.height, field.width],
    channels,
    labels: Array.from({ length: classes }, (_, i) => (isLast ? (labels?.[i] ?? `class ${i}`) : `channel ${i}`)),
    ...(labelsFile !== undefined && { labelsFile }),
    outputs,
    displacements,
    dropout: shapes.net.layers.some((layer) => layer.type === "Dropout"),
    obstacles: obstacles.map(({ code, message }) => ({ code, message })),
  };
}

/** The distances from value to value below the stride that shifted runs of the net can give: its common divisors, 1 first. */
function displacementsOf({ geometry: { stride } }: ClassifierShape): number[] {
  const all = Array.from({ length: Math.min(stride.height, stride.width) }, (_, i) => i + 1);
  const fitting = all.filter((d) => stride.height % d === 0 && stride.width % d === 0 && (d < stride.height || d < stride.width));
  return fitting.length > 0 ? fitting : [1];
}
