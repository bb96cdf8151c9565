import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Position, Range, TextEdit } from "vscode-languageserver/node";
import { applyEdits } from "../../src/text/edit.ts";
import { indexLines, offsetAt, positionAt } from "../../src/text/line-index.ts";
import { isUpdate } from "../support/annotations.ts";
import { startEditor, type TestEditor } from "./client.ts";

/** A text that is open in an editor, and the place of its cursor. */
export interface Opened {
  readonly editor: TestEditor;
  readonly uri: string;
  readonly text: string;
  readonly cursor: Position;
  /** Asks `textDocument/…` about the text and, where nothing else is said, the cursor. */
  readonly ask: <R>(method: string, params?: object) => Promise<R>;
}

/** What was found at a range: written under the line where the range begins, further lines after it. */
export interface Mark {
  readonly range: Range;
  readonly label: string;
}

let count = 0;

/** Opens a text; a `$0` in it is taken out and stands for the cursor. */
export async function opened(source: string, editor: TestEditor): Promise<Opened> {
  const at = Math.max(0, source.indexOf("$0"));
  const text = source.replace("$0", "");
  const { line, column } = positionAt(indexLines(text), at);
  const cursor = { line, character: column };
  const uri = `file:///nowhere/${++count}/net.prototxt`;
  await editor.open(uri, text);
  return { editor, uri, text, cursor, ask: (method, params = {}) => editor.request(`textDocument/${method}`, { textDocument: { uri }, position: cursor, ...params }) };
}

/**
 * Checks that what a feature finds in the texts of a fixture is what their comments say: `#   ^^^^ label` under a line marks a range in it.
 *
 * A fixture (test/fixtures/lsp) holds several texts, each after a line `#--- title`. `UPDATE=1` writes the marks anew.
 */
export function checkMarks(name: string, find: (text: Opened) => Promise<readonly Mark[]>, ...settings: Parameters<typeof startEditor>): void {
  const path = join(import.meta.dirname, "../fixtures/lsp", `${name}.prototxt`);
  const sections = readFileSync(path, "utf8").split(/^(?=#--- )/m).map((text) => ({ title: /^#--- (.*)/.exec(text)?.[1] ?? "", text }));
  const anew: string[] = [];
  let editor: TestEditor;
  beforeAll(async () => { editor = await startEditor(...settings); });
  afterAll(() => {
    editor.close();
    if (isUpdate) writeFileSync(path, anew.join(""));
  });
  test.each(sections)("$title", async ({ text }) => {
    const [, title = "", source = ""] = /^(#--- .*\n)?([^]*)$/.exec(text)!;
    const plain = source.split("\n").filter((line) => !/^#( *\^+( |$)| {2}\|)/.test(line)).join("\n");
    const marked = `${title}${withMarks(plain, await find(await opened(plain, editor)))}`;
    anew.push(marked);
    if (!isUpdate) expect(marked).toBe(text);
    expect(editor.errors).toEqual([]);
  });
}

function withMarks(source: string, marks: readonly Mark[]): string {
  const cursor = positionAt(indexLines(source), Math.max(0, source.indexOf("$0")));
  const hasCursor = source.includes("$0");
  const left = [...marks].sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
  return source
    .split("\n")
    .flatMap((line, i) => {
      // The `$0` takes two columns that the text does not have.
      const column = (character: number): number => (hasCursor && i === cursor.line && character > cursor.column ? character + 2 : character);
      return [
        line,
        ...left.filter(({ range }) => range.start.line === i).flatMap(({ range: { start, end }, label }) => {
          const from = column(start.character);
          const to = end.line > start.line ? line.length : column(end.character);
          const [first, ...more] = label.split("\n");
          const carets = "^".repeat(Math.max(1, to - Math.max(1, from)));
          return [`#${" ".repeat(Math.max(0, from - 1))}${carets} ${end.line > start.line ? `to line ${end.line + 1}: ` : ""}${first!}`.trimEnd(), ...more.map((part) => `#  | ${part}`.trimEnd())];
        }),
      ];
    })
    .join("\n");
}

/** The part of a text in a range of the protocol. */
export function textIn(text: string, range: Range): string {
  const { start, end } = offsetsIn(text, range);
  return text.slice(start, end);
}

/** A text after edits of the protocol. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  return applyEdits(text, edits.map(({ range, newText }) => ({ ...offsetsIn(text, range), text: newText })));
}

function offsetsIn(text: string, { start, end }: Range): { start: number; end: number } {
  const lines = indexLines(text);
  const at = ({ line, character }: Position): number => offsetAt(lines, { line, column: character });
  return { start: at(start), end: at(end) };
}

/** The lines that differ between two texts, `- ` before those that went and `+ ` before those that came. */
export function changedLines(before: string, after: string): string[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let [start, end] = [0, 0];
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  // Lines in the middle that both have are left out, where their number is the same.
  const keep = (own: readonly string[], other: readonly string[]): string[] => (own.length === other.length ? own.filter((line, i) => line !== other[i]) : [...own]);
  return [...keep(from, to).map((line) => `- ${line}`), ...keep(to, from).map((line) => `+ ${line}`)];
}
