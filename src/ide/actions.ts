import type { Diagnostic } from "../text/diagnostic.ts";
import { applyEdits, type Range, type TextEdit } from "../text/edit.ts";
import { indexLines, positionAt } from "../text/line-index.ts";
import { counted } from "../text/words.ts";
import { shapeText } from "../layers/shape.ts";
import { insertLast, newlineOf, removeField } from "../prototxt/change.ts";
import { netOutputs } from "../net/net.ts";
import { schemaOf, type DialectName } from "../schema/schema.ts";
import { upgradeText } from "../surgery/upgrade.ts";
import { analyze, type Analysis } from "./analysis.ts";
import { cursorAt } from "./cursor.ts";
import { isLegacy } from "./code-lens.ts";
import { convertActions } from "./convert-actions.ts";

/** A change that is on offer. */
export interface Action {
  readonly title: string;
  readonly kind: "quickfix" | "refactor" | "source";
  readonly edits: readonly TextEdit[];
  /** The finding it answers. */
  readonly answers?: Diagnostic;
  readonly preferred?: boolean;
  /** True where the change is large enough to be looked at before it is made. */
  readonly preview?: boolean;
}

/** Fixes for the findings in a range, and the refactorings that apply there; some are both. */
export function actionsIn(analysis: Analysis, range: Range, extra: readonly Diagnostic[] = []): Action[] {
  const here = [...analysis.diagnostics, ...extra].filter(({ start, end }) => start <= range.end && end >= range.start);
  return [...here.flatMap((found) => fixesOf(analysis, found)), ...here.flatMap((found) => silence(analysis, found)), ...refactorings(analysis, range)];
}

/** All edits that are safe to make without being asked: the preferred fixes of all findings, none overlapping another. */
export function fixAll(analysis: Analysis): TextEdit[] {
  const edits: TextEdit[] = [];
  for (const { fixes } of analysis.diagnostics) {
    const fix = fixes?.find(({ preferred }) => preferred);
    if (fix !== undefined && !fix.edits.some((edit) => edits.some((other) => edit.start < other.end && other.start < edit.end))) edits.push(...fix.edits);
  }
  return edits;
}

function fixesOf(analysis: Analysis, found: Diagnostic): Action[] {
  const given = (found.fixes ?? []).map(
    ({ title, edits, preferred }): Action => ({
      title: found.code === "padding" ? `${title}${consequence(analysis, edits, found.layer)}` : title,
      kind: "quickfix", edits: laidOut(analysis, found, edits), answers: found, ...(preferred && { preferred }),
    }),
  );
  const made = [...(makers[found.code]?.(analysis, found) ?? []), ...nameDialect(analysis, found)];
  return [...given, ...made.map((action): Action => ({ ...action, kind: "quickfix", answers: found }))];
}

type Made = Omit<Action, "kind" | "answers">;

/** Fixes that need more than the rule knew, by code. */
const makers: Readonly<Record<string, (analysis: Analysis, found: Diagnostic) => Made[]>> = {
  "clipped-pooling": roundDown,
  "inner-product": convertActions,
  "unused-top": removeUnused,
  "legacy-format": upgrade,
  "mixed-formats": upgrade,
};

/** The edits of a fix in the layout of the text: a field that goes takes its line along, one that comes gets a line where the others have one. */
function laidOut(analysis: Analysis, found: Diagnostic, edits: readonly TextEdit[]): readonly TextEdit[] {
  const { tree } = analysis.document;
  if (found.code === "repeated-field") return edits.map((edit) => removeField(tree, edit));
  const message = found.code === "missing-field" ? cursorAt(analysis, found.start).field?.value : undefined;
  return message?.kind === "message" ? edits.map(({ text }) => insertLast(tree, message, text.trim())) : edits;
}

/** The comment that settles the Caffe which a text is read for, where a finding advises it. */
function nameDialect({ text, document }: Analysis, found: Diagnostic): Made[] {
  const name = document.dialect.reason === "comment" ? undefined : /'# proto-dialect: ([\w-]+)'/.exec(found.message)?.[1];
  const start = text.startsWith("\ufeff") ? 1 : 0;
  return name === undefined ? [] : [{ title: `Say that the net is for ${schemaOf(name as DialectName).title}`, edits: [{ start, end: start, text: `# proto-dialect: ${name}${newlineOf(document.tree)}` }] }];
}

/** What a change does to the shapes of the net, for the title of the change: `: conv1 becomes 32 x 28 x 28, prob 2 x 1 x 1 (retrain)`. */
function consequence(analysis: Analysis, edits: readonly TextEdit[], layerName: string | undefined): string {
  const after = analyze(applyEdits(analysis.text, edits), analysis.options);
  const broken = after.shapes.diagnostics.find((d) => d.severity === "error");
  if (broken !== undefined && analysis.shapes.diagnostics.every((d) => d.severity !== "error")) return `; then ${broken.message.split(/(?<=\.)\s/)[0]!.replace(/\.$/, "")}`;
  const changed = analysis.net.layers.flatMap((layer, i) => {
    const [before, now] = [analysis.shapes.layers[i]!.tops[0], after.shapes.layers[i]?.tops[0]];
    return layer.tops[0]?.overwrites === undefined && shapeText(before) !== shapeText(now) ? [{ layer, now }] : [];
  });
  if (changed.length === 0) return " and retrain";
  const own = changed.find(({ layer }) => layer.name === layerName);
  const outputs = new Set(netOutputs(analysis.net).map(({ maker }) => maker));
  const last = changed.findLast(({ layer }) => outputs.has(layer)) ?? changed.at(-1)!;
  const parts = [...new Set([own, last])].filter((change) => change !== undefined).map(({ layer, now }) => `${layer.name} becomes ${shapeText(now, "hide")}`);
  const others = changed.length - parts.length;
  return ` and retrain: ${parts.join(", ")}${others > 0 ? `, ${counted(others, "other shape")} change${others === 1 ? "s" : ""}` : ""}`;
}

function roundDown(analysis: Analysis, found: Diagnostic): Made[] {
  const layer = analysis.net.layers.find(({ name }) => name === found.layer);
  const param = layer?.message.message("pooling_param");
  if (layer === undefined || param?.node === undefined) return [];
  const tree = analysis.document.tree;
  const given = param.place("round_mode");
  const edit = given !== undefined ? { start: given.start, end: given.end, text: "FLOOR" } : insertLast(tree, param.node, "round_mode: FLOOR");
  return [{ title: `Set round_mode of ${layer.name} to FLOOR${consequence(analysis, [edit], layer.name)}`, edits: [edit] }];
}

function removeUnused(analysis: Analysis, found: Diagnostic): Made[] {
  const layer = analysis.net.layers.find(({ name }) => name === found.layer);
  const { field } = cursorAt(analysis, found.start);
  const tree = analysis.document.tree;
  if (layer === undefined || field === undefined) return [];
  if (layer.tops.every((top) => top.readers.length === 0) && layer.source?.node?.parent !== undefined) {
    return [{ title: `Remove ${layer.name}, which nothing reads`, edits: [removeField(tree, layer.source.node.parent)] }];
  }
  return layer.definition?.role === "data" ? [] : [{ title: `Remove this top of ${layer.name}`, edits: [removeField(tree, field)] }];
}

function upgrade(analysis: Analysis): Made[] {
  const { edits, problems } = upgradeText(analysis.document);
  if (edits.length === 0 || problems.some((d) => d.severity === "error")) return [];
  return [{ title: "Upgrade the net to the current format", edits, preview: true }];
}

/** A comment that silences a finding where it is. What makes a text unreadable stays. */
function silence(analysis: Analysis, found: Diagnostic): Action[] {
  if (found.code.startsWith("syntax") || found.severity === "error") return [];
  const index = indexLines(analysis.text);
  const { line } = positionAt(index, found.start);
  const next = index.starts[line + 1];
  const lineEnd = next === undefined ? analysis.text.length : next - (analysis.text[next - 2] === "\r" ? 2 : 1);
  const text = analysis.text.slice(index.starts[line], lineEnd);
  const directive = /#\s*netsurgeon-disable-line[\w\s,-]*$/.test(text) ? `, ${found.code}` : text.includes("#") ? undefined : `  # netsurgeon-disable-line ${found.code}`;
  const file = { start: 0, end: 0, text: `# netsurgeon-disable ${found.code}${newlineOf(analysis.document.tree)}` };
  return [
    ...(directive === undefined ? [] : [{ title: `Silence '${found.code}' on this line`, kind: "quickfix", edits: [{ start: lineEnd, end: lineEnd, text: directive }], answers: found } as const]),
    { title: `Silence '${found.code}' in this file`, kind: "quickfix", edits: [file], answers: found },
  ];
}

function refactorings(analysis: Analysis, range: Range): Action[] {
  const actions: Made[] = [];
  const { layer } = cursorAt(analysis, range.start);
  if (layer?.type === "InnerProduct") actions.push(...convertActions(analysis, { layer: layer.name }));
  if (isLegacy(analysis) && (analysis.net.format !== "V2" || positionAt(analysis.lines, range.start).line === 0)) actions.push(...upgrade(analysis));
  return actions.map((action) => ({ ...action, kind: "refactor" }));
}
