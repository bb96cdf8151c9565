import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { indexLines, type LineIndex } from "../text/line-index.ts";
import { once } from "../text/once.ts";
import type { Phase } from "../layers/definition.ts";
import type { MessageNode } from "../prototxt/tree.ts";
import { lintShapes } from "../lint/lint.ts";
import { lintSolver } from "../lint/solver.ts";
import { netCost, type LayerCost } from "../net/cost.ts";
import { readDocument, type Document } from "../net/document.ts";
import { readNet, type Layer, type Net } from "../net/net.ts";
import { receptiveFields, type ReceptiveField } from "../net/reach.ts";
import { inferShapes, type CustomLayers, type NetShapes } from "../net/shapes.ts";
import type { DialectName } from "../schema/schema.ts";
import { applyDirectives } from "./directives.ts";

/** How a text is looked at; the editor's settings. */
export interface AnalysisOptions {
  readonly dialect?: DialectName | undefined;
  readonly phase?: Phase | undefined;
  readonly pixelwise?: "auto" | "on" | "off" | undefined;
  /** Severities other than the rules' own, by code. */
  readonly severities?: Readonly<Record<string, Severity | "off">> | undefined;
  readonly custom?: CustomLayers | undefined;
}

/**
 * All that is known of one version of a text. Parts that not every request needs are worked out when they are first asked for.
 *
 * An analysis ends with the next one that is made from it (`analyze`): asking it for anything but its text is then a defect, and thrown as one.
 */
export interface Analysis {
  readonly text: string;
  readonly options: AnalysisOptions;
  readonly lines: LineIndex;
  readonly document: Document;
  /** For a solver, a net without layers. */
  readonly net: Net;
  readonly shapes: NetShapes;
  /** By layer and top. */
  readonly fields: readonly (readonly (ReceptiveField | undefined)[])[];
  readonly cost: { readonly layers: readonly LayerCost[]; readonly total: LayerCost };
  /** Findings after severities and `netsurgeon-disable` comments. */
  readonly diagnostics: readonly Diagnostic[];
  /** The layers of the net by the braces that hold them. Layers of other phases are not among them. */
  readonly layerOf: ReadonlyMap<MessageNode, Layer>;
}

/**
 * The analysis of a text. Never fails.
 *
 * `before`, the analysis of an earlier version, makes it faster: what the change left alone is not looked at again. It is used up by this, as its
 * nodes move to their new places.
 */
export function analyze(text: string, options: AnalysisOptions = {}, before?: Analysis): Analysis {
  const tree = before?.document.tree;
  if (before !== undefined) usedUp.add(before);
  const document = readDocument(text, { before: tree, ...(options.dialect !== undefined && { dialect: options.dialect }) });
  const net = readNet(document, { phase: options.phase ?? "TEST" });
  const shapes = inferShapes(net, options.custom === undefined ? {} : { custom: options.custom });
  const lines = once(() => indexLines(text));
  const fields = once(() => receptiveFields(shapes));
  const cost = once(() => netCost(shapes));
  const layerOf = once(() => layersByNode(net));
  const diagnostics = once(() => findings(document, shapes, options));
  const live = <T>(value: T): T => {
    if (usedUp.has(analysis)) throw new Error("this analysis was used up by that of a later version of the text");
    return value;
  };
  const analysis: Analysis = {
    text,
    options,
    get lines() { return lines(); },
    get document() { return live(document); },
    get net() { return live(net); },
    get shapes() { return live(shapes); },
    get fields() { return live(fields)(); },
    get cost() { return live(cost)(); },
    get layerOf() { return live(layerOf)(); },
    get diagnostics() { return live(diagnostics)(); },
  };
  return analysis;
}

const usedUp = new WeakSet<Analysis>();

function findings(document: Document, shapes: NetShapes, options: AnalysisOptions): Diagnostic[] {
  const { severities = {}, pixelwise = "auto" } = options;
  if (document.kind === "net") return applyDirectives(document.tree, lintShapes(shapes, { pixelwise, severities }));
  const all = [...document.diagnostics, ...lintSolver(document)].flatMap((found) => {
    const severity = severities[found.code] ?? found.severity;
    return severity === "off" ? [] : [{ ...found, severity }];
  });
  return applyDirectives(document.tree, all.sort((a, b) => a.start - b.start));
}

function layersByNode(net: Net): Map<MessageNode, Layer> {
  const nodes = new Map<MessageNode, Layer>();
  for (const layer of net.layers) if (layer.source?.node !== undefined) nodes.set(layer.source.node, layer);
  return nodes;
}
