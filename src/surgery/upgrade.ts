import type { Diagnostic } from "../text/diagnostic.ts";
import { applyEdits, type TextEdit } from "../text/edit.ts";
import type { Document } from "../net/document.ts";
import { listLayers, paramSpecs, transformFields, transformHome, type ListedLayer } from "../net/legacy.ts";
import { indentOf, newlineOf, removeField, removeFields } from "../prototxt/change.ts";
import type { FieldValue, Message } from "../prototxt/message.ts";
import { quote } from "../prototxt/scalar.ts";
import type { FieldNode, Tree } from "../prototxt/tree.ts";
import { upgradeV0Layer } from "./upgrade-v0.ts";

/** The upgraded text, how it came about, and why it could not (then nothing is changed). */
export interface Upgrade {
  readonly edits: readonly TextEdit[];
  readonly text: string;
  readonly problems: readonly Diagnostic[];
}

/**
 * A net of Caffe's old formats as the current format that Caffe's own upgrade would make of it: V0 and V1 layers, net-level `input` fields; a
 * solver with its `type` in words. Comments and layout stay. What is in the current format comes back unchanged, and so does a document with
 * errors. Source: `upgrade_proto.cpp`.
 */
export function upgradeText(document: Document): Upgrade {
  const { tree, root, schema } = document;
  const problems: Diagnostic[] = [];
  if (document.diagnostics.some((d) => d.severity === "error")) return { edits: [], text: tree.text, problems };
  if (document.kind === "solver") return upgradeSolver(document);
  const { format, layers } = listLayers(root, schema, (diagnostic) => problems.push(diagnostic));
  if (problems.some((d) => d.severity === "error")) return { edits: [], text: tree.text, problems };
  const edits = layers.flatMap((layer) => {
    if (layer.fromInputs) return upgradeInputs(tree, root, layer.message);
    if (format === "V1") return upgradeV1Layer(tree, layer);
    return [];
  });
  if (format === "V0") {
    const kept = new Set(layers.map((layer) => layer.message.node));
    for (const source of root.messages("layers")) {
      const layer = layers.find((listed) => listed.source === source);
      if (layer !== undefined) edits.push(...upgradeV0Layer(tree, layer));
      else if (source.node?.parent !== undefined && !kept.has(source.node)) edits.push(removeField(tree, source.node.parent));
    }
  }
  return { edits, text: applyEdits(tree.text, edits), problems };
}

/** A solver's `solver_type: ADAM` as `type: "Adam"`. Source: `UpgradeSolverType`. */
function upgradeSolver({ tree, root }: Document): Upgrade {
  const field = root.fieldNode("solver_type");
  const value = root.place("solver_type");
  if (field === undefined || value === undefined) return { edits: [], text: tree.text, problems: [] };
  if (root.has("type")) {
    const caffe =
      "Failed to upgrade solver: old solver_type field (enum) and new type field (string) cannot be both specified in solver proto text.";
    const message = "the solver gives both solver_type, the old form, and type. Remove solver_type.";
    return { edits: [], text: tree.text, problems: [{ code: "solver-type", severity: "error", start: field.start, end: field.end, message, caffe }] };
  }
  const edits = [
    { ...field.nameRange, text: "type" },
    { start: value.start, end: value.end, text: quote(solverTypes[root.text("solver_type")] ?? root.text("solver_type")) },
  ];
  return { edits, text: applyEdits(tree.text, edits), problems: [] };
}

const solverTypes: Readonly<Record<string, string>> = {
  SGD: "SGD",
  NESTEROV: "Nesterov",
  ADAGRAD: "AdaGrad",
  RMSPROP: "RMSProp",
  ADADELTA: "AdaDelta",
  ADAM: "Adam",
};

function upgradeV1Layer(tree: Tree, { message, source }: ListedLayer): TextEdit[] {
  const field = source?.node?.parent;
  if (source === undefined || field === undefined) return [];
  const edits: TextEdit[] = [{ ...field.nameRange, text: "layer" }];
  const type = source.place("type");
  if (type !== undefined) edits.push({ start: type.start, end: type.end, text: quote(message.text("type")) });
  edits.push(...upgradeSpecs(tree, source, message), ...moveTransform(tree, source));
  return edits;
}

/** V1's parallel lists as `param` blocks, at the place of the first of them; `outdent` blanks further out than that, for V0. */
export function upgradeSpecs(tree: Tree, source: Message, message: Message, outdent = 0): TextEdit[] {
  const old = ["param", "blobs_lr", "weight_decay", "blob_share_mode"].flatMap((name) => nodesOf(source.valuesOf(name)));
  const specs = paramSpecs(source, message.schema);
  const [first, ...others] = old.sort((a, b) => a.start - b.start);
  if (first === undefined) return [];
  const blocks = specs.map((spec) => {
    const values = [...(spec.value as Message).values].map(([name, [value]]) => `${name}: ${valueText(tree, value!)}`);
    return `param { ${values.join(" ")} }`;
  });
  return [{ start: first.start, end: first.end, text: blocks.join(outdented(separatorAt(tree, first), outdent)) }, ...removeFields(tree, others)];
}

/** A separator with so many blanks less, where it is a new line. */
export function outdented(separator: string, blanks: number): string {
  return separator.includes("\n") ? separator.slice(0, separator.length - blanks) : separator;
}

/** V1 data layers keep scale, mean_file, crop_size and mirror among their own parameters; they move to `transform_param`, over what it says. */
function moveTransform(tree: Tree, source: Message): TextEdit[] {
  const home = transformHome(source);
  const field = home === undefined ? undefined : source.fieldNode(home);
  if (home === undefined || field === undefined) return [];
  const data = source.message(home);
  const moved = transformFields.flatMap((name) => {
    const value = data.valuesOf(name).at(-1);
    return value?.node === undefined ? [] : [{ name, value, node: value.node }];
  });
  const texts = moved.map(({ name, value }) => `${name}: ${valueText(tree, value)}`);
  const existing = source.message("transform_param").node;
  const place =
    existing?.open === undefined
      ? { start: field.end, end: field.end, text: `${separatorAt(tree, field)}transform_param { ${texts.join(" ")} }` }
      : { start: existing.open.end, end: existing.open.end, text: ` ${texts.join(" ")}` };
  const overridden = moved.flatMap(({ name }) => source.message("transform_param").fieldNode(name) ?? []);
  return [place, ...removeFields(tree, [...moved.map(({ node }) => node), ...overridden])];
}

/** Net-level `input`, `input_shape` and `input_dim` as the Input layer that Caffe makes of them, in front of all layers. */
function upgradeInputs(tree: Tree, root: Message, layer: Message): TextEdit[] {
  const old = ["input", "input_shape", "input_dim"].flatMap((name) => nodesOf(root.valuesOf(name))).sort((a, b) => a.start - b.start);
  const [first] = old;
  if (first === undefined) return [];
  const newline = newlineOf(tree);
  const shapes = layer.message("input_param").messages("shape");
  const lines = [
    'name: "input"',
    'type: "Input"',
    ...layer.texts("top").map((top) => `top: ${quote(top)}`),
    `input_param { ${shapes
      .map(
        (shape) =>
          `shape { ${shape
            .numbers("dim")
            .map((dim) => `dim: ${dim}`)
            .join(" ")} }`,
      )
      .join(" ")} }`,
  ];
  const text = ["layer {", ...lines.map((line) => `  ${line}`), "}"].join(newline);
  const firstLayer = tree.root.fields.find((field) => field.name === "layer" || field.name === "layers");
  const isFirst = firstLayer === undefined || first.start < firstLayer.start;
  const insertion = isFirst
    ? { start: first.start, end: first.end, text }
    : { start: firstLayer.start, end: firstLayer.start, text: `${text}${newline}` };
  return [insertion, ...removeFields(tree, isFirst ? old.slice(1) : old)];
}

/** The fields that hold values, each once, though a list holds several. */
function nodesOf(values: readonly FieldValue[] | undefined): FieldNode[] {
  return [...new Set((values ?? []).map((value) => value.node).filter((node) => node !== undefined))];
}

/** The text of a value as it stands. */
export function valueText(tree: Tree, { valueNode }: FieldValue): string {
  return valueNode === undefined ? "" : tree.text.slice(valueNode.start, valueNode.end);
}

/** What goes between two fields where this one stands: a new line with its indentation, or a blank where several fields share the line. */
export function separatorAt(tree: Tree, field: FieldNode): string {
  const lineStart = tree.text.lastIndexOf("\n", field.start - 1) + 1;
  const isAlone = /^[ \t]*$/.test(tree.text.slice(lineStart, field.start));
  return isAlone ? `${newlineOf(tree)}${indentOf(tree, field)}` : " ";
}
