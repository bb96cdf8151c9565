import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, type TextEdit } from "../../src/text/edit.ts";
import { indexLines, offsetAt, positionAt } from "../../src/text/line-index.ts";

describe("edits", () => {
  const edit = (start: number, end: number, text: string): TextEdit => ({ start, end, text });
  test.each<[string, TextEdit[], string]>([
    ["none", [], "0123456789"],
    ["in any order", [edit(8, 9, "x"), edit(0, 1, "y")], "y1234567x9"],
    ["insertions at one place keep their order", [edit(3, 3, "a"), edit(3, 3, "b")], "012ab3456789"],
    ["an insertion goes before a replacement at its place", [edit(3, 5, "x"), edit(3, 3, "a")], "012ax56789"],
    ["neighbours", [edit(0, 5, "a"), edit(5, 10, "b")], "ab"],
    ["deletions that overlap", [edit(2, 6, ""), edit(4, 8, "")], "0189"],
    ["a deletion in another", [edit(2, 8, ""), edit(4, 5, "")], "0189"],
  ])("%s", (_, edits, expected) => { expect(applyEdits("0123456789", edits)).toBe(expected); });

  test("replacements that overlap are a defect", () => {
    expect(() => applyEdits("0123456789", [edit(2, 6, "a"), edit(4, 8, "b")])).toThrow(RangeError);
  });

  test("all at once is the same as one after another from the end", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.array(fc.tuple(fc.nat(40), fc.string({ maxLength: 3 })), { maxLength: 8 }), (text, cuts) => {
        const places = [...new Set(cuts.map(([at]) => Math.min(at, text.length)))].sort((a, b) => a - b);
        const edits = places.slice(1).map((end, i) => ({ start: places[i]!, end, text: cuts[i]![1] }));
        const stepwise = [...edits].reverse().reduce((changed, { start, end, text: put }) => changed.slice(0, start) + put + changed.slice(end), text);
        expect(applyEdits(text, edits)).toBe(stepwise);
      }),
    );
  });
});

describe("lines", () => {
  test.each([
    ["", [0]],
    ["a", [0]],
    ["a\n", [0, 2]],
    ["a\r\nb\rc\n\n", [0, 3, 5, 7, 8]],
  ])("%j", (text, starts) => { expect(indexLines(text).starts).toEqual(starts); });

  test("offset to position and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\r", "\r\n", " ") }), (text) => {
        const index = indexLines(text);
        for (let offset = 0; offset <= text.length; offset++) {
          const position = positionAt(index, offset);
          expect(offsetAt(index, position)).toBe(offset);
          expect(position.line).toBe([...text.matchAll(/\r\n|\n|\r/g)].filter((end) => end.index + end[0].length <= offset).length);
        }
      }),
    );
  });

  test("what lies outside is clamped", () => {
    const index = indexLines("ab\ncd");
    expect(positionAt(index, 99)).toEqual({ line: 1, column: 2 });
    expect(positionAt(index, -1)).toEqual({ line: 0, column: 0 });
    expect(offsetAt(index, { line: 0, column: 99 })).toBe(3);
    expect(offsetAt(index, { line: 9, column: 0 })).toBe(5);
    expect(offsetAt(index, { line: -1, column: 4 })).toBe(0);
  });
});
