import { styleText } from "node:util";
import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { indexLines, positionAt } from "../text/line-index.ts";
import { printable } from "../text/words.ts";
import type { Document } from "../net/document.ts";

type Style = Parameters<typeof styleText>[0];

/** Text in a style on a terminal, as it is elsewhere. `NO_COLOR` is honoured. */
export function styled(style: Style, text: string, stream: { isTTY?: boolean } = process.stdout): string {
  return stream.isTTY === true && process.env["NO_COLOR"] === undefined ? styleText(style, text) : text;
}

/** The place of a diagnostic: `line 12, column 5`. */
export function place(document: Document, { start }: { readonly start: number }): string {
  const { line, column } = positionAt(indexLines(document.tree.text), start);
  return `line ${line + 1}, column ${column + 1}`;
}

const styles: Record<Severity, Style> = { error: "red", warning: "yellow", information: "blue", hint: "gray" };
const words: Record<Severity, string> = { error: "error", warning: "warning", information: "note", hint: "hint" };

/** Diagnostics as lines `FILE:LINE:COLUMN: severity: message [code]`, as compilers print them, so that editors find the place; under an error, Caffe's own words. */
export function diagnosticLines(path: string, document: Document, diagnostics: readonly Diagnostic[]): string[] {
  const index = indexLines(document.tree.text);
  return diagnostics.map((d) => {
    const { line, column } = positionAt(index, d.start);
    const text = `${styled("bold", `${printable(path)}:${line + 1}:${column + 1}`)}: ${styled(styles[d.severity], words[d.severity])}: ${printable(d.message)} ${styled("gray", `[${d.code}]`)}`;
    return d.severity === "error" && d.caffe !== undefined ? `${text}\n    ${styled("gray", `Caffe says: ${printable(d.caffe)}`)}` : text;
  });
}

/** A diagnostic for machines: positions count from 1, columns in UTF-16 code units, ends are exclusive. */
export function diagnosticJson(path: string, document: Document, d: Diagnostic): Record<string, unknown> {
  const index = indexLines(document.tree.text);
  const [start, end] = [positionAt(index, d.start), positionAt(index, d.end)];
  return {
    file: path,
    line: start.line + 1,
    column: start.column + 1,
    endLine: end.line + 1,
    endColumn: end.column + 1,
    severity: d.severity,
    code: d.code,
    message: d.message,
    ...(d.layer !== undefined && { layer: d.layer }),
    ...(d.caffe !== undefined && { caffe: d.caffe }),
  };
}

/** Rows as a table with aligned columns; `right` lists the columns of numbers. */
export function table(cells: readonly (readonly string[])[], right: readonly number[] = []): string {
  const rows = cells.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Writes lines to standard output. Of control characters, which names in a file may hold, only line ends and our own colours come through. */
export function say(text: string): void {
  process.stdout.write(`${onlyOurs(text, process.stdout)}\n`);
}

/** The same to standard error. */
export function warn(text: string): void {
  process.stderr.write(`${onlyOurs(text, process.stderr)}\n`);
}

/** Writes a value as JSON to standard output: exactly, with every control character escaped. */
export function sayJson(value: unknown, indent: number): void {
  const json = JSON.stringify(value, null, indent);
  process.stdout.write(`${json.replace(/[\u007f-\u009f]|\p{Bidi_Control}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`);
}

/** Writes a text that another program may read, as `bytes`: exactly, but to a terminal only what is printable. */
export function sayText(text: string, bytes: Uint8Array): void {
  process.stdout.write(process.stdout.isTTY ? onlyOurs(text, process.stdout) : bytes);
}

function onlyOurs(text: string, stream: { isTTY?: boolean }): string {
  const ours = stream.isTTY === true ? inColour : inBlack;
  return text.split(ours).map((part, i) => (i % 2 === 1 ? part : printable(part))).join("");
}

const inBlack = /(\r?\n|\t)/;
// eslint-disable-next-line no-control-regex
const inColour = /(\r?\n|\t|\u001b\[(?:1|22|3[0-9]|9[0-7])m)/;
