import type { TextEdit } from "../text/edit.ts";
import type { ListedLayer } from "../net/legacy.ts";
import { indentOf, removeField, removeFields } from "../prototxt/change.ts";
import { Message } from "../prototxt/message.ts";
import { quote } from "../prototxt/scalar.ts";
import type { FieldNode, MessageNode, Tree } from "../prototxt/tree.ts";
import { outdented, separatorAt, upgradeSpecs, valueText } from "./upgrade.ts";

/** Fields of a V0 layer that keep their name and place, and those that its `param` blocks are made of. */
const kept = ["name", "type", "blobs"];
const specs = ["blobs_lr", "weight_decay"];
/** What Caffe takes over of the layer around it. */
const around = ["layer", "bottom", "top"];

/**
 * The edits that make `layers { layer { … } bottom … top … }` one `layer { … }`: parameters go into the message of their type, what is
 * foreign to the type goes, padding layers above are taken up as `pad`.
 */
export function upgradeV0Layer(tree: Tree, { message, source }: ListedLayer): TextEdit[] {
  const field = source?.node?.parent;
  if (source === undefined || field === undefined) return [];
  const edits: TextEdit[] = [{ ...field.nameRange, text: "layer" }];
  edits.push(...removeFields(tree, source.node!.fields.filter((node) => !around.includes(node.name))));
  edits.push(...rewire(message, source));
  const inner = source.message("layer");
  const innerField = source.fieldNode("layer");
  if (inner.node === undefined || innerField === undefined) return edits;
  const type = inner.place("type");
  if (type !== undefined) edits.push({ start: type.start, end: type.end, text: quote(message.text("type")) });
  edits.push(...unwrap(tree, inner.node, innerField), ...upgradeSpecs(tree, inner, message, dedentOf(tree, inner.node, innerField)), ...moveParams(tree, message, inner, innerField));
  return edits;
}

/** The edits that take `layer {` and `}` away; a brace alone on its line goes with the line, and what was inside moves out as far as the field was. */
function unwrap(tree: Tree, node: MessageNode, field: FieldNode): TextEdit[] {
  const open = node.open!;
  const hasComment = tree.text.slice(field.nameRange.end, open.start).includes("#");
  const edits: TextEdit[] = hasComment
    ? [
        { start: field.start, end: (field.colon ?? field.nameRange).end, text: "" },
        { start: open.start, end: open.end, text: "" },
      ]
    : [{ start: field.start, end: afterBlank(tree, open.end), text: "" }];
  if (node.close !== undefined) edits.push(removeField(tree, { start: node.close.start, end: field.end }));
  const depth = dedentOf(tree, node, field);
  if (depth === 0) return edits;
  for (const line of tree.text.slice(open.end, (node.close ?? node).start).matchAll(/\n[ \t]+/g)) {
    const start = open.end + line.index + 1;
    // The first line takes the place of the field itself.
    if (start + depth > edits[0]!.end) edits.push({ start, end: start + Math.min(depth, line[0].length - 1), text: "" });
  }
  return edits;
}

/** How many blanks the fields of a message stand further in than the field that holds it; 0 where they share a line. */
function dedentOf(tree: Tree, node: MessageNode, field: FieldNode): number {
  const [first] = node.fields;
  if (first === undefined || !separatorAt(tree, first).includes("\n") || !separatorAt(tree, field).includes("\n")) return 0;
  return Math.max(0, indentOf(tree, first).length - indentOf(tree, field).length);
}

/** A brace alone on its line goes with the line; one followed by a field leaves that field where it is. */
function afterBlank(tree: Tree, at: number): number {
  return at + /^[ \t]*(\r?\n[ \t]*)?/.exec(tree.text.slice(at))![0].length;
}

/** The messages of parameters that the upgrade made, in place of the first field that went into them. */
function moveParams(tree: Tree, message: Message, inner: Message, innerField: FieldNode): TextEdit[] {
  const moved = inner.node!.fields.filter((node) => !kept.includes(node.name) && !specs.includes(node.name));
  const [first, ...others] = moved;
  const anchor = first ?? inner.fieldNode("type") ?? inner.fieldNode("name");
  if (anchor === undefined) return [];
  const separator = separatorAt(tree, anchor);
  const depth = dedentOf(tree, inner.node!, innerField);
  const out = outdented(separator, depth);
  const blocks: string[] = [];
  for (const [name, [value]] of message.values) {
    if (!name.endsWith("_param") || !(value?.value instanceof Message)) continue;
    const fields = [...value.value.values].flatMap(([part, given]) =>
      given.map((one) => (one.value instanceof Message ? `${part} ${valueText(tree, one)}` : `${part}: ${valueText(tree, one)}`)),
    );
    const isBlock = depth > 0 && fields.some((one) => one.includes("\n"));
    if (fields.length > 0) blocks.push(isBlock ? `${name} {${separator}${fields.join(separator)}${out}}` : `${name} { ${fields.join(" ")} }`);
  }
  if (first !== undefined) return [{ start: first.start, end: first.end, text: blocks.join(out) }, ...removeFields(tree, others)];
  return blocks.length === 0 ? [] : [{ start: anchor.end, end: anchor.end, text: `${out}${blocks.join(out)}` }];
}

/** Bottoms that a padding layer made are read from that layer's own bottom. */
function rewire(message: Message, source: Message): TextEdit[] {
  const names = message.texts("bottom");
  return source.valuesOf("bottom").flatMap(({ value, valueNode }, i) => {
    const name = names[i];
    return name === undefined || name === value || valueNode === undefined
      ? []
      : [{ start: valueNode.start, end: valueNode.end, text: quote(name) }];
  });
}
