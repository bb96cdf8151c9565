import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Range, TextEdit } from "vscode-languageserver/node";
import { lex } from "../../src/prototxt/lexer.ts";
import { edited, opened } from "./check.ts";
import { startEditor, type TestEditor } from "./client.ts";

let editor: TestEditor;
beforeAll(async () => { editor = await startEditor(); });
afterAll(() => { editor.close(); });

const read = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const options = { tabSize: 2, insertSpaces: true };

async function formatted(text: string, given: object = options, range?: Range): Promise<string> {
  const { ask } = await opened(text, editor);
  return edited(text, range === undefined ? await ask<TextEdit[]>("formatting", { options: given }) : await ask<TextEdit[]>("rangeFormatting", { options: given, range }));
}

/** The tokens that carry meaning, and the comments. */
function words(text: string): string[] {
  const { count, kinds, starts } = lex(text);
  return Array.from({ length: count }, (_, i) => (kinds[i] === 0 ? "" : text.slice(starts[i], starts[i + 1]).trimEnd())).filter((word) => word !== "");
}

describe("an even layout", () => {
  test.each([
    ["indentation, blanks, lines", 'layer{name:"a"   type :"ReLU"\n     bottom:  "x"\n\n\n\n  top:"y"}\n\n\n', 'layer {\n  name: "a" type: "ReLU"\n  bottom: "x"\n\n  top: "y"\n}\n'],
    ["one line stays one line", 'layer{name:"a" param{lr_mult:1}}', 'layer { name: "a" param { lr_mult: 1 } }\n'],
    ["comments stay where they are", '# top\nlayer {# behind\n      # inside\n  name: "a"   # after\n}   # end', '# top\nlayer { # behind\n  # inside\n  name: "a"   # after\n}   # end\n'],
    ["lists", "a:[1,2 ,3]\nb: [ ]\nc: [\n1,\n2\n]", "a: [1, 2, 3]\nb: []\nc: [\n  1,\n  2\n]\n"],
    ["angle brackets and separators", "a<b:1;c:2,>", "a < b: 1; c: 2, >\n"],
    ["numbers with a sign, strings in a row", 'a:- 2 b:-3\nc:"x"\n"y"', 'a: -2 b: -3\nc: "x"\n"y"\n'],
    ["line ends of Windows", "layer {\r\nname: 1\r\n}\r\n", "layer {\r\n  name: 1\r\n}\r\n"],
    ["nothing", "", ""],
  ])("%s", async (_, before, after) => { expect(await formatted(before)).toBe(after); });

  test("with tabs, and with four blanks", async () => {
    expect(await formatted("layer {\nname: 1\n}\n", { tabSize: 4, insertSpaces: false })).toBe("layer {\n\tname: 1\n}\n");
    expect(await formatted("layer {\nname: 1\n}\n", { tabSize: 4, insertSpaces: true })).toBe("layer {\n    name: 1\n}\n");
  });

  test("the sample and its own layout are the same", async () => {
    const sample = read("samples/nuclei32/deploy.prototxt");
    expect(await formatted(sample)).toBe(sample);
  });

  test("of some lines only", async () => {
    const text = "a {\nb: 1\n}\nc {\nd:1\n}\ne:   1\n";
    expect(await formatted(text, options, { start: { line: 3, character: 0 }, end: { line: 4, character: 3 } })).toBe("a {\nb: 1\n}\nc {\n  d: 1\n}\ne:   1\n");
  });

  test("as a brace is closed, of the line it closes", async () => {
    const source = 'layer {\n  name: "a"\n    }$0\n  x:1';
    const { ask, text } = await opened(source, editor);
    const edits = await ask<TextEdit[]>("onTypeFormatting", { ch: "}", options });
    expect(edited(text, edits)).toBe('layer {\n  name: "a"\n}\n  x:1');
    const broken = await opened('layer {\n  name: "a\n    }$0\n', editor);
    expect(await broken.ask<TextEdit[]>("onTypeFormatting", { ch: "}", options })).toEqual([]);
  });
});

const pieces = ["layer", " {", "}", "{ ", "<", ">", "[", "]", ":", ": ", ",", ";", '"a"', "'b'", '"open', "1", "-", "- 2", "# c\n", "#", "\n", "\n\n\n", "\r\n", "  ", "\t", "MAX", ".", "/", "é", "name: 1\n"];

test("formatting keeps every word and comment, and formatting again changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), async (parts) => {
      const text = parts.join("");
      const once = await formatted(text);
      expect(words(once)).toEqual(words(text));
      expect(await formatted(once)).toBe(once);
    }),
    { numRuns: 400 },
  );
});
