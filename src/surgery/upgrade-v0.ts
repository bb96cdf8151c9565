import type { TextEdit } from "../text/edit.ts";
import type { ListedLayer } from "../net/legacy.ts";
import { removeField, removeFields } from "../prototxt/change.ts";
import { Message } from "../prototxt/message.ts";
import { quote } from "../prototxt/scalar.ts";
import type { Tree } from "../prototxt/tree.ts";
import { separatorAt, upgradeSpecs, valueText } from "./upgrade.ts";

/** Fields of a V0 layer that keep their name and place. */
const kept = ["name", "type", "blobs", "hdf5_output_param"];
const specs = ["blobs_lr", "weight_decay"];

/**
 * The edits that make `layers { layer { … } bottom … top … }` one `layer { … }`: parameters go into the message of their type, what is
 * foreign to the type goes, padding layers above are taken up as `pad`.
 */
export function upgradeV0Layer(tree: Tree, { message, source }: ListedLayer): TextEdit[] {
  const field = source?.node?.parent;
  const inner = source?.message("layer");
  const innerField = source?.fieldNode("layer");
  if (source === undefined || field === undefined || inner?.node?.open === undefined || innerField === undefined) return [];
  const edits: TextEdit[] = [
    { ...field.nameRange, text: "layer" },
    { start: innerField.start, end: afterBlank(tree, inner.node.open.end), text: "" },
  ];
  if (inner.node.close !== undefined) edits.push(removeField(tree, inner.node.close));
  const type = inner.place("type");
  if (type !== undefined) edits.push({ start: type.start, end: type.end, text: quote(message.text("type")) });
  edits.push(...upgradeSpecs(tree, inner, message), ...moveParams(tree, message, inner), ...rewire(message, source));
  return edits;
}

/** A brace alone on its line goes with the line; one followed by a field leaves that field where it is. */
function afterBlank(tree: Tree, at: number): number {
  return at + /^[ \t]*(\r?\n[ \t]*)?/.exec(tree.text.slice(at))![0].length;
}

/** The messages of parameters that the upgrade made, in place of the first field that went into them. */
function moveParams(tree: Tree, message: Message, inner: Message): TextEdit[] {
  const blocks: string[] = [];
  for (const [name, [value]] of message.values) {
    if (!name.endsWith("_param") || kept.includes(name) || !(value?.value instanceof Message)) continue;
    const fields = [...value.value.values].flatMap(([part, given]) =>
      given.map((one) => (one.value instanceof Message ? `${part} ${valueText(tree, one)}` : `${part}: ${valueText(tree, one)}`)),
    );
    if (fields.length > 0) blocks.push(`${name} { ${fields.join(" ")} }`);
  }
  const moved = inner.node!.fields.filter((node) => !kept.includes(node.name) && !specs.includes(node.name));
  const [first, ...others] = moved;
  if (first !== undefined)
    return [{ start: first.start, end: first.end, text: blocks.join(separatorAt(tree, first)) }, ...removeFields(tree, others)];
  const last = inner.fieldNode("type") ?? inner.fieldNode("name");
  return blocks.length === 0 || last === undefined
    ? []
    : [{ start: last.end, end: last.end, text: `${separatorAt(tree, last)}${blocks.join(" ")}` }];
}

/** Bottoms that a padding layer made are read from that layer's own bottom. */
function rewire(message: Message, source: Message): TextEdit[] {
  const names = message.texts("bottom");
  return (source.values.get("bottom") ?? []).flatMap(({ value, valueNode }, i) => {
    const name = names[i];
    return name === undefined || name === value || valueNode === undefined
      ? []
      : [{ start: valueNode.start, end: valueNode.end, text: quote(name) }];
  });
}
