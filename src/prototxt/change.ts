import type { Range, TextEdit } from "../text/edit.ts";
import type { FieldNode, MessageNode, Tree } from "./tree.ts";

/** The edit that takes a field away, with its line where nothing else stands on it. Comments on other lines stay. */
export function removeField(tree: Tree, field: Range): TextEdit {
  const { text } = tree;
  let { start, end } = field;
  while (start > 0 && isBlank(text.charCodeAt(start - 1))) start--;
  let after = end;
  while (after < text.length && isBlank(text.charCodeAt(after))) after++;
  const opensLine = start === 0 || text[start - 1] === "\n";
  const endsLine = after === text.length || text[after] === "\n" || text[after] === "\r";
  if (opensLine && endsLine) end = lineEnd(text, after);
  else if (!opensLine && endsLine) end = field.end;
  else [start, end] = [field.start, after];
  return { start, end, text: "" };
}

/** The edits that take fields away; neighbours with nothing but blanks between them go together, and so does their line. */
export function removeFields(tree: Tree, fields: readonly Range[]): TextEdit[] {
  const runs: Range[] = [];
  for (const field of [...fields].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1);
    if (last !== undefined && /^\s*$/.test(tree.text.slice(last.end, field.start))) runs[runs.length - 1] = { start: last.start, end: field.end };
    else runs.push({ start: field.start, end: field.end });
  }
  return runs.map((run) => removeField(tree, run));
}

/** The edit that puts a field first into a message, in the message's own layout: on a line of its own where its fields are so. */
export function insertFirst(tree: Tree, message: MessageNode, field: string): TextEdit {
  const at = message.open === undefined ? message.start : message.open.end;
  const [first] = message.fields;
  const before = first === undefined ? "" : tree.text.slice(at, first.start);
  const newline = /\r?\n/.exec(before)?.[0];
  const close = message.close?.start ?? at;
  if (first === undefined) return { start: at, end: /^[ \t]*$/.test(tree.text.slice(at, close)) ? close : at, text: ` ${field} ` };
  if (newline === undefined) return { start: at, end: at, text: before === "" ? ` ${field} ` : ` ${field}` };
  return { start: first.start, end: first.start, text: `${field}${newline}${indentOf(tree, first)}` };
}

/** The edit that puts a field last into a message, in the message's own layout. */
export function insertLast(tree: Tree, message: MessageNode, field: string): TextEdit {
  const last = message.fields.at(-1);
  if (last === undefined) return insertFirst(tree, message, field);
  const onOneLine = !tree.text.slice(message.start, last.end).includes("\n");
  return { start: last.end, end: last.end, text: onOneLine ? ` ${field}` : `${newlineOf(tree)}${indentOf(tree, last)}${field}` };
}

/** The blanks that a field's line begins with. */
export function indentOf(tree: Tree, field: FieldNode): string {
  const lineStart = tree.text.lastIndexOf("\n", field.start - 1) + 1;
  return /^[ \t]*/.exec(tree.text.slice(lineStart, field.start))![0];
}

/** The line ending that a text uses. */
export function newlineOf(tree: Tree): string {
  return tree.text.includes("\r\n") ? "\r\n" : "\n";
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9;
}

function lineEnd(text: string, at: number): number {
  if (text[at] === "\r" && text[at + 1] === "\n") return at + 2;
  return at < text.length ? at + 1 : at;
}
