/** A half-open range of a text, in UTF-16 code units. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A replacement of `[start, end)` of the old text by `text`. */
export interface TextEdit extends Range {
  readonly text: string;
}

/**
 * The text with the edits applied; all positions refer to the old text.
 *
 * Edits may come in any order; insertions at the same place keep theirs. Deletions may overlap (neighbours that both take the blanks between
 * them); other edits that overlap are a defect of the caller.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits.map((edit, index) => ({ edit, index }));
  ordered.sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.index - b.index);
  const parts: string[] = [];
  let done = 0;
  for (const { edit } of ordered) {
    if (edit.start < done && edit.text !== "") throw new RangeError(`edits overlap at offset ${edit.start}`);
    parts.push(text.slice(done, Math.max(done, edit.start)), edit.text);
    done = Math.max(done, edit.end);
  }
  parts.push(text.slice(done));
  return parts.join("");
}
