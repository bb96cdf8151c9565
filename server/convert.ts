import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as LspDiagnostic, type Position, type Range as LspRange, type TextEdit as LspEdit } from "vscode-languageserver/node";
import type { Diagnostic, Severity } from "../src/text/diagnostic.ts";
import type { Range, TextEdit } from "../src/text/edit.ts";
import { offsetAt, positionAt, type LineIndex } from "../src/text/line-index.ts";

/** A position of the protocol; both count UTF-16 code units. */
export function position(lines: LineIndex, offset: number): Position {
  const { line, column } = positionAt(lines, offset);
  return { line, character: column };
}

export function offset(lines: LineIndex, { line, character }: Position): number {
  return offsetAt(lines, { line, column: character });
}

export function range(lines: LineIndex, { start, end }: Range): LspRange {
  return { start: position(lines, start), end: position(lines, end) };
}

export function offsets(lines: LineIndex, { start, end }: LspRange): Range {
  return { start: offset(lines, start), end: offset(lines, end) };
}

export function edits(lines: LineIndex, given: readonly TextEdit[]): LspEdit[] {
  return given.map((edit) => ({ range: range(lines, edit), newText: edit.text }));
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A finding as the editor shows it; Caffe's own words come as a related remark. */
export function diagnostic(uri: string, lines: LineIndex, found: Diagnostic, rules: string | undefined): LspDiagnostic {
  const at = range(lines, found);
  const related = (found.related ?? []).map(({ message, ...place }) => ({ location: { uri, range: range(lines, place) }, message }));
  if (found.caffe !== undefined) related.push({ location: { uri, range: at }, message: `Caffe: ${found.caffe}` });
  return {
    range: at,
    severity: severities[found.severity],
    code: found.code,
    source: "netsurgeon",
    message: found.message,
    ...(rules !== undefined && { codeDescription: { href: `${rules}#${found.code}` } }),
    ...(related.length > 0 && { relatedInformation: related }),
    ...(found.tags !== undefined && { tags: found.tags.map((tag) => (tag === "deprecated" ? DiagnosticTag.Deprecated : DiagnosticTag.Unnecessary)) }),
  };
}
