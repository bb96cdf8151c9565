import type { Code, Diagnostic, Fix } from "../text/diagnostic.ts";
import { closest } from "../text/words.ts";
import { enumHomes } from "../schema/dialect.ts";
import { isEnum, isMessage, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import { Message, type FieldValue } from "./message.ts";
import { readScalar } from "./scalar.ts";
import type { FieldNode, MessageNode, ScalarNode } from "./tree.ts";
import { unknownField } from "./unknown-field.ts";

/** Receives what a reading finds wrong. */
export type Report = (diagnostic: Diagnostic) => void;

/**
 * The message of a node, typed by its schema. What the schema does not allow is reported and left out: unknown fields, values of the
 * wrong type, unknown enum values, singular fields given twice (the first counts), required fields that are missing.
 */
export function readMessage(node: MessageNode, schema: MessageSchema, report: Report): Message {
  // Messages at the top are taken over from version to version of a text (parser.ts); what was read of one without a finding holds for as long.
  if (node.read?.schema === schema) return node.read;
  const { model } = node;
  if (model !== undefined && !misread.has(model)) {
    const said = readMessage(model, schema, () => misread.add(model));
    if (!misread.has(model)) return (node.read = new Message(schema, said, node));
  }
  if (node.parent?.parent.parent !== undefined) return readAnew(node, schema, report);
  let findings = 0;
  const message = readAnew(node, schema, (diagnostic) => {
    findings++;
    report(diagnostic);
  });
  if (findings === 0) node.read = message;
  return message;
}

/** Models in which something is wrong; each message like them is read for itself, as each has places to report. */
const misread = new WeakSet<MessageNode>();

function readAnew(node: MessageNode, schema: MessageSchema, report: Report): Message {
  const given: FieldValue[] = [];
  // In a large message (a net), looking through what was given for each field would take too long.
  const seen = node.fields.length > 24 ? new Map<FieldSchema, FieldValue>() : undefined;
  for (const fieldNode of node.fields) {
    const field = schema.fields.get(fieldNode.name);
    if (field === undefined) {
      // Of a name that is still being typed, the syntax error says enough.
      if (fieldNode.value !== undefined || fieldNode.colon !== undefined) report(unknownField(fieldNode, schema));
      continue;
    }
    const first = field.label === "repeated" ? undefined : seen === undefined ? valueOf(given, field) : seen.get(field);
    const before = given.length;
    readField(fieldNode, field, first, given, report);
    if (seen !== undefined && first === undefined && given.length > before) seen.set(field, given[before]!);
  }
  for (const field of requiredFields(schema)) if (valueOf(given, field) === undefined) report(missingField(node, field));
  return new Message(schema, given.slice(), node);
}

/** The first value of a field. */
function valueOf(given: readonly FieldValue[], field: FieldSchema): FieldValue | undefined {
  for (const value of given) if (value.field === field) return value;
  return undefined;
}

function requiredFields(schema: MessageSchema): readonly FieldSchema[] {
  let required = requiredOf.get(schema);
  if (required === undefined) requiredOf.set(schema, (required = [...schema.fields.values()].filter(({ label }) => label === "required")));
  return required;
}

const requiredOf = new WeakMap<MessageSchema, readonly FieldSchema[]>();

function readField(node: FieldNode, field: FieldSchema, before: FieldValue | undefined, given: FieldValue[], report: Report): void {
  const { value } = node;
  if (value === undefined) return; // the syntax error says it
  if (before !== undefined) {
    const first = before.node?.nameRange;
    report({
      ...problem("repeated-field", node, `${field.owner.name} takes '${field.name}' once; it is given again here. Remove one of the two.`),
      ...(first && { related: [{ ...first, message: `'${field.name}' is first given here.` }] }),
      fixes: [{ title: `Remove this '${field.name}'`, edits: [{ start: node.start, end: node.end, text: "" }] }],
    });
    return;
  }
  if (value.kind === "list" && field.label !== "repeated") {
    report(problem("wrong-type", value, `'${field.name}' takes one value, not a list.`));
    return;
  }
  if (value.kind === "list" && node.colon === undefined && !isMessage(field.type)) {
    report(problem("syntax", { start: node.nameRange.end - 1, end: node.nameRange.end }, `expected ':' after '${node.name}'.`));
  }
  if (value.kind !== "list") take(value, node, field, given, report);
  else for (const item of value.items) take(item, node, field, given, report);
}

function take(item: ScalarNode | MessageNode, node: FieldNode, field: FieldSchema, given: FieldValue[], report: Report): void {
  const value = readValue(item, node, field, report);
  if (value !== undefined) given.push({ field, value, node, valueNode: item });
}

function readValue(item: ScalarNode | MessageNode, node: FieldNode, field: FieldSchema, report: Report): FieldValue["value"] | undefined {
  if (isMessage(field.type)) {
    if (item.kind === "message") return readMessage(item, field.type, report);
    report(problem("wrong-type", item, `'${field.name}' is a message: write ${field.name} { … }.`));
    return undefined;
  }
  if (item.kind === "message") {
    report(problem("wrong-type", item, `'${field.name}' is a single value, not a message: write ${field.name}: … without braces.`));
    return undefined;
  }
  const reading = readScalar(item, field.type);
  if ("value" in reading) return reading.value;
  const code = typeof field.type === "string" ? "wrong-type" : "unknown-enum-value";
  report({ ...problem(code, item, `'${field.name}' ${reading.wrong}.${enumAdvice(item, field)}`), ...fixes(item, field) });
  return undefined;
}

/** Whose value it is, where another Caffe has it; what is close to it, where the choice is too long to be named. */
function enumAdvice({ raw, form }: ScalarNode, { type }: FieldSchema): string {
  if (!isEnum(type)) return "";
  const [home] = enumHomes(type.name, raw);
  if (home !== undefined) return ` It belongs to ${home}: add '# proto-dialect: ${home}' at the top if this net is for that Caffe.`;
  const suggestion = form !== "string" && type.values.size > 8 ? closest(raw, type.values.keys()) : undefined;
  return suggestion === undefined ? "" : ` Did you mean '${suggestion}'?`;
}

function fixes(item: ScalarNode, field: FieldSchema): { fixes?: Fix[] } {
  const replace = (text: string): { fixes: Fix[] } => ({
    fixes: [{ title: `Change to ${text}`, edits: [{ start: item.start, end: item.end, text }], preferred: true }],
  });
  if (typeof field.type === "string") {
    if (field.type === "string" && item.form !== "string") return replace(JSON.stringify(item.raw));
    if (field.type !== "bool" || item.form === "number") return {};
    const word = item.raw.replace(/["']/g, "").toLowerCase();
    return ["true", "yes", "on"].includes(word) ? replace("true") : ["false", "no", "off"].includes(word) ? replace("false") : {};
  }
  const name = "values" in field.type ? closest(item.raw.replace(/["']/g, ""), field.type.values.keys()) : undefined;
  return name === undefined ? {} : replace(name);
}

function missingField(node: MessageNode, field: FieldSchema): Diagnostic {
  const place = node.parent?.nameRange ?? { start: node.start, end: Math.min(node.end, node.start + 1) };
  const close = node.close;
  return {
    ...problem("missing-field", place, `${field.owner.name} needs '${field.name}', which is not given.`),
    ...(close !== undefined && { fixes: [{ title: `Add '${field.name}'`, edits: [{ start: close.start, end: close.start, text: `${field.name}: 0 ` }] }] }),
  };
}

function problem(code: Code, range: { start: number; end: number }, message: string): Diagnostic {
  return { code, severity: "error", message, start: range.start, end: range.end };
}
