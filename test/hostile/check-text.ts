import assert from "node:assert/strict";
import { applyEdits, type Range, type TextEdit } from "../../src/text/edit.ts";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { actionsIn, fixAll } from "../../src/ide/actions.ts";
import { analyze, type Analysis } from "../../src/ide/analysis.ts";
import { lenses } from "../../src/ide/code-lens.ts";
import { completionDoc, completionsAt } from "../../src/ide/completion.ts";
import { folds, selectionSteps } from "../../src/ide/folding.ts";
import { hoverAt } from "../../src/ide/hover.ts";
import { inlayHints } from "../../src/ide/inlay-hints.ts";
import { pathsIn } from "../../src/ide/links.ts";
import { definitionAt, downstream, layerAt, referencesAt, upstream } from "../../src/ide/navigation.ts";
import { renameAt } from "../../src/ide/rename.ts";
import { semanticTokens } from "../../src/ide/semantic-tokens.ts";
import { outline } from "../../src/ide/symbols.ts";
import { shapesTable } from "../../src/ide/table.ts";
import { readDocument } from "../../src/net/document.ts";
import { printTree } from "../../src/prototxt/tree.ts";
import { format } from "../../src/prototxt/format.ts";
import { parse } from "../../src/prototxt/parser.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { upgradeText } from "../../src/surgery/upgrade.ts";

/** What holds for every text, however senseless: an answer to every question, places inside the text, changes that can be applied. */
export function checkText(text: string): void {
  const analysis = analyze(text);
  assert.equal(printTree(analysis.document.tree), text, "the tree prints the text");
  checkFindings(text, analysis.diagnostics);
  checkIncremental(text, analysis);
  checkWholeText(analysis);
  for (const offset of offsetsOf(text)) checkOffset(analysis, offset);
  checkFormat(text);
  checkUpgrade(text);
  checkConversion(analysis);
}

function checkFindings(text: string, found: readonly Diagnostic[]): void {
  for (const one of found) {
    checkInside(text, one);
    for (const place of one.related ?? []) checkInside(text, place);
    assert.match(one.message, /\S/);
    // A value that is not known must not be told as one, unless the text itself says so.
    for (const slip of ["undefined", "NaN", "Infinity", "[object"]) {
      assert.ok(!one.message.includes(slip) || text.toLowerCase().includes(slip.toLowerCase().slice(0, 3)), `'${slip}' in: ${one.message}`);
    }
    for (const { edits } of one.fixes ?? []) applyEdits(text, edits);
  }
}

/** An editor's text changes a little at a time; what is reused of the version before must not show. */
function checkIncremental(text: string, fresh: Analysis): void {
  const middle = (text.length * 7) % (text.length + 1);
  for (const [start, length] of [[middle, 3], [Math.floor(text.length / 2), 20], [0, 5]] as const) {
    const before = analyze(text.slice(0, start) + text.slice(start + length));
    assert.ok(before.diagnostics.length >= 0);
    const after = analyze(text, {}, before);
    assert.deepEqual(shown(after), shown(fresh), "the same findings after a change as at once");
  }
}

function shown({ diagnostics, shapes }: Analysis): unknown {
  return { diagnostics: diagnostics.map(({ code, start, end, message }) => `${code} ${start} ${end} ${message}`), shapes: shapes.layers.map(({ tops, params }) => ({ tops, params })) };
}

function checkWholeText(analysis: Analysis): void {
  const { text } = analysis;
  const all = { start: 0, end: text.length };
  for (const places of [lenses(analysis), pathsIn(analysis), semanticTokens(analysis), outline(analysis).map(({ whole }) => whole)]) {
    for (const place of places) checkInside(text, place);
  }
  for (const show of ["changes", "all"] as const) {
    for (const { offset } of inlayHints(analysis, all, show)) checkInside(text, { start: offset, end: offset });
  }
  for (const { startLine, endLine } of folds(analysis)) assert.ok(startLine <= endLine && endLine < analysis.lines.starts.length);
  shapesTable(analysis, "net");
  checkEdits(text, fixAll(analysis));
}

function checkOffset(analysis: Analysis, offset: number): void {
  const { text } = analysis;
  for (const completion of completionsAt(analysis, offset)) {
    checkInside(text, completion.replace);
    if (completion.order < 12) completionDoc(analysis, completion.doc);
  }
  const hover = hoverAt(analysis, offset);
  if (hover !== undefined) checkInside(text, hover);
  const definition = definitionAt(analysis, offset);
  if (definition !== undefined) for (const place of [definition.from, definition.to, definition.whole]) checkInside(text, place);
  for (const mention of referencesAt(analysis, offset)) checkInside(text, mention);
  for (const step of selectionSteps(analysis, offset)) checkInside(text, step);
  const renamed = renameAt(analysis, offset, "renamed");
  if (renamed !== undefined && "edits" in renamed) checkEdits(text, renamed.edits);
  const item = layerAt(analysis, offset);
  if (item !== undefined) for (const { places } of [...upstream(analysis, item.layer), ...downstream(analysis, item.layer)]) for (const place of places) checkInside(text, place);
  // Actions analyse the text as it would be; that often, they would be most of the time.
  if (offset % 8 === 0) for (const { edits } of actionsIn(analysis, { start: offset, end: offset })) checkEdits(text, edits);
}

function checkFormat(text: string): void {
  const once = applyEdits(text, format(parse(text)));
  assert.equal(applyEdits(once, format(parse(once))), once, "formatting twice changes nothing more");
  // Where braces are missing, what a reader takes for meant goes by the layout.
  if (parse(text).errors.length === 0) assert.equal(readDocument(once).diagnostics.length, readDocument(text).diagnostics.length, "formatting changes no meaning");
}

function checkUpgrade(text: string): void {
  const upgrade = upgradeText(readDocument(text));
  assert.equal(applyEdits(text, upgrade.edits), upgrade.text);
  checkFindings(text, upgrade.problems);
  if (upgrade.edits.length === 0) return;
  const again = upgradeText(readDocument(upgrade.text));
  assert.deepEqual(again.edits, [], "an upgraded net is current");
}

function checkConversion({ shapes, text }: Analysis): void {
  const surgery = convertNet(shapes);
  if ("refusals" in surgery) {
    checkFindings(text, surgery.refusals);
    assert.ok(surgery.refusals.length > 0);
    return;
  }
  assert.equal(applyEdits(text, surgery.edits), surgery.text);
  const errors = readDocument(surgery.text).diagnostics.filter((d) => d.severity === "error");
  assert.deepEqual(errors, [], "a converted net can be read");
}

function checkEdits(text: string, edits: readonly TextEdit[]): void {
  for (const edit of edits) checkInside(text, edit);
  applyEdits(text, edits);
}

function checkInside(text: string, { start, end }: Range): void {
  assert.ok(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= text.length, `${start} to ${end} of ${text.length}`);
}

/** Every offset of a short text, and a spread of those of a long one. */
function offsetsOf(text: string): number[] {
  const step = Math.max(1, Math.ceil((text.length + 1) / 80));
  return Array.from({ length: Math.floor(text.length / step) + 1 }, (_, i) => i * step);
}
