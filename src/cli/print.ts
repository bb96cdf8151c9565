import { styleText } from "node:util";
import type { Diagnostic, Severity } from "../text/diagnostic.ts";
import { indexLines, positionAt } from "../text/line-index.ts";
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
    const text = `${styled("bold", `${path}:${line + 1}:${column + 1}`)}: ${styled(styles[d.severity], words[d.severity])}: ${d.message} ${styled("gray", `[${d.code}]`)}`;
    return d.severity === "error" && d.caffe !== undefined ? `${text}\n    ${styled("gray", `Caffe says: ${d.caffe}`)}` : text;
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
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
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

/** Writes a line to standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
