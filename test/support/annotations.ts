import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { indexLines, positionAt } from "../../src/text/line-index.ts";

const root = join(import.meta.dirname, "../fixtures");

/** True where golden files are to be written anew: `UPDATE=1 npx vitest run test/…`. */
export const isUpdate = process.env["UPDATE"] === "1";

/** The fixtures of a folder under test/fixtures by name, `[name, path]`, for `test.each`. */
export function fixtures(folder: string, ending = ".prototxt"): [name: string, path: string][] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => [basename(name, ending), join(root, folder, name)]);
}

/**
 * Checks that the findings in a fixture are those that its comments announce, all of them and no others.
 *
 * A comment `#   ^^^^ error[code]: message` under a line marks where a finding begins and how far it goes on that line. `#^^^` marks from the first
 * column on, the `#` counting as one.
 */
export function checkAnnotated(path: string, find: (text: string) => readonly Diagnostic[]): void {
  const text = readFileSync(path, "utf8");
  checkGolden(path, annotate(text, find(text)));
}

/** Checks that a text is what a golden file holds; writes the file where golden files are to be written anew. */
export function checkGolden(path: string, text: string): void {
  if (isUpdate) writeFileSync(path, text);
  else expect(text).toBe(readFileSync(path, "utf8"));
}

const annotation = /^#\s*\^+ (error|warning|information|hint)\[[a-z-]+\]: /;

/** The text with its old annotations gone and each finding written under the line where it begins. */
export function annotate(text: string, findings: readonly Diagnostic[]): string {
  const left = new Set(findings);
  const lines: string[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const end = start + line.length;
    if (!annotation.test(line)) {
      const here = [...left].filter((found) => found.start >= start && found.start <= end).sort((a, b) => a.start - b.start || a.end - b.end);
      for (const found of here) left.delete(found);
      lines.push(line, ...here.map((found) => `${marker(found.start - start, Math.min(found.end, end) - start)} ${found.severity}[${found.code}]: ${found.message}`));
    }
    start = end + 1;
  }
  if (left.size > 0) throw new Error(`findings inside an annotation: ${[...left].map((found) => found.message).join(" ")}`);
  return lines.join("\n");
}

function marker(from: number, to: number): string {
  if (from === 1 || (from === 0 && to < 2)) throw new Error("a fixture cannot mark one character in the first two columns: indent it");
  return from === 0 ? `#${"^".repeat(to - 1)}` : `#${" ".repeat(from - 1)}${"^".repeat(Math.max(1, to - from))}`;
}

/**
 * The expectations of an annotated text: a comment line `# ^^^^ error[code]: message part` marks the range above its carets.
 * The text stays valid, as `#` begins a comment.
 */
export function expectations(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const match = /^(#[ ]*)(\^+) (\w+)\[([\w-]+)\](?:: (.*))?$/.exec(line);
    if (match === null) return [];
    const above = lines.slice(0, i).findLastIndex((candidate) => !/^#[ ]*\^/.test(candidate));
    return [`${above + 1}:${match[1]!.length + 1}-${match[1]!.length + match[2]!.length} ${match[3]!}[${match[4]!}]${match[5] === undefined ? "" : `: ${match[5]}`}`];
  });
}

/** Diagnostics in the same form, cut to what the expectation of the same place says of the message. */
export function asAnnotations(text: string, diagnostics: readonly Diagnostic[], expected: readonly string[]): string[] {
  const index = indexLines(text);
  return diagnostics.map((d) => {
    const [start, end] = [positionAt(index, d.start), positionAt(index, d.end)];
    const head = `${start.line + 1}:${start.column + 1}-${end.line === start.line ? end.column : start.column + 1} ${d.severity}[${d.code}]`;
    const wanted = expected.find((one) => one === head || one.startsWith(`${head}: `));
    const part = wanted?.slice(head.length + 2) ?? "";
    if (part === "") return head;
    return d.message.includes(part) ? `${head}: ${part}` : `${head}: ${d.message}`;
  });
}
