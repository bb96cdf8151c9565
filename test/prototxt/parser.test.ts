import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "../../src/prototxt/parser.ts";
import { messagesOf, printTree, type MessageNode } from "../../src/prototxt/tree.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { lintShapes } from "../../src/lint/lint.ts";
import { conformanceCases } from "../support/conformance.ts";
import { hasReal, realFolder } from "../support/real.ts";

const sample = readFileSync(join(import.meta.dirname, "../../samples/nuclei32/deploy.prototxt"), "utf8");

/** A tree in one line: names, raw values, braces. */
function shown(node: MessageNode): string {
  return node.fields
    .map((field) => {
      const { value } = field;
      if (value === undefined) return `${field.name}:?`;
      if (value.kind === "message") return `${field.name}{${shown(value)}}`;
      if (value.kind === "list") return `${field.name}[${value.items.map((item) => (item.kind === "scalar" ? `${item.negative ? "-" : ""}${item.raw}` : `{${shown(item)}}`)).join(",")}]`;
      return `${field.name}:${value.negative ? "-" : ""}${value.raw}`;
    })
    .join(" ");
}

function checkTree(text: string, tree: string, errors: readonly string[] = []): void {
  const parsed = parse(text);
  expect(shown(parsed.root)).toBe(tree);
  expect(parsed.errors.map((d) => `${text.slice(d.start, d.end)}: ${d.message}`)).toEqual(errors);
  expect(printTree(parsed)).toBe(text);
}

describe("the text format", () => {
  test.each([
    ["", ""],
    ["a: 1", "a:1"],
    ["a: 1, b: 2; c { d: X }", "a:1 b:2 c{d:X}"],
    ["a < b: 1 >", "a{b:1}"],
    ["a: { b: 1 }", "a{b:1}"],
    ["a: [1, 2]", "a[1,2]"],
    ["a: []", "a[]"],
    ["a: [{ b: 1 }, < b: 2 >]", "a[{b:1},{b:2}]"],
    ["a: - 2", "a:-2"],
    ["a: -inf b: 0x1F c: 017 d: 2f e: .5 f: 1e-5", "a:-inf b:0x1F c:017 d:2f e:.5 f:1e-5"],
    ["a: \"x\" 'y'", "a:\"x\" 'y'"],
    ["a: 1 # not b: 2\nc: 3", "a:1 c:3"],
    ["a:\n  X\nb: 1", "a:X b:1"],
    ["# only a comment", ""],
    ['a: "%(name)s"', 'a:"%(name)s"'],
    ["a: 1\r\nb: 2\r\n", "a:1 b:2"],
  ])("%j", (text, tree) => { checkTree(text, tree); });
});

describe("what is wrong is said once, where it is, with what was expected", () => {
  test.each([
    ["a: ", "a:?", [":: expected a value after 'a:'."]],
    ["a 1", "a:1", ["a: expected ':' or '{' after 'a'."]],
    ["a: [1, 2,]", "a[1,2]", [",: a list does not end with ','. Remove it."]],
    ["a: [1, 2", "a[1,2]", ["2: expected ',' or ']' in the list of 'a'."]],
    ["a { b: 1", "a{b:1}", ["{: this '{' of 'a' is never closed: '}' is missing."]],
    ["a { b: 1 >", "a{b:1}", [">: '{' is closed by '}', not by '>'."]],
    ["a: 1 }", "a:1", ["}: this '}' closes nothing. Remove it, or open the message it should close."]],
    ['a: "x\nb: 1', 'a:"x b:1', ['"x: the string is not closed: " is missing at the end of the line.']],
    ["// no\na: 1", "a:1", ["// no: '//' begins no comment here; comments begin with '#' and end with the line."]],
    ["[x.y]: 1 a: 2", "a:2", ["[x.y]: Caffe's messages have no extensions: fields are written without brackets."]],
    ["\ufeffa: 1", "a:1", ["\ufeff: the file begins with a byte order mark (BOM), which Caffe does not read. Save it as UTF-8 without BOM."]],
    ["a: %", "a:?", ["%: expected a value after 'a:', found '%'."]],
  ])("%j", (text, tree, errors) => { checkTree(text, tree, errors); });

  test("half-typed fields keep what follows", () => {
    checkTree("layer {\n  num_output:\n  kernel_size: 3\n}\n", "layer{num_output:? kernel_size:3}", [":: expected a value after 'num_output:'."]);
  });

  test("a missing brace costs its own layer only", () => {
    const text = 'layer {\n  name: "a"\n  convolution_param {\n    num_output: 2\n}\nlayer {\n  name: "b"\n}\n';
    const { root, errors } = parse(text);
    expect(root.fields.map((field) => messagesOf(field)[0]?.fields[0]?.name)).toEqual(["name", "name"]);
    expect(errors.map((d) => d.message)).toEqual(["this '{' of 'layer' is never closed: '}' is missing."]);
  });

  test("nesting has a limit", () => {
    const deep = "a {".repeat(100_000) + "}".repeat(100_000);
    expect(parse(deep).errors[0]?.message).toContain("nested more than 64 deep");
  });
});

/** The whole pipeline on any text: no throw, and the text comes back. */
function checkAny(text: string): void {
  const document = readDocument(text);
  expect(printTree(document.tree)).toBe(text);
  lintShapes(inferShapes(readNet(document)), { pixelwise: "on" });
}

describe("any text", () => {
  const texts = conformanceCases().map((one) => one.text);
  test("every net of the suite prints back byte for byte", () => {
    for (const text of texts) expect(printTree(parse(text))).toBe(text);
  });

  test("every prefix of a net", () => {
    for (let end = 0; end < sample.length; end += 1) expect(printTree(parse(sample.slice(0, end)))).toBe(sample.slice(0, end));
    for (let end = 0; end < sample.length; end += 17) checkAny(sample.slice(0, end));
  });

  test("random deletions", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts, sample), fc.nat(), fc.nat({ max: 40 }), (text, at, length) => {
        const start = at % (text.length + 1);
        checkAny(text.slice(0, start) + text.slice(start + length));
      }),
      { numRuns: 400 },
    );
  });

  test("random insertions of what the grammar is made of", () => {
    const piece = fc.constantFrom("{", "}", "<", ">", "[", "]", ":", ",", ";", '"', "'", "#", "-", "layer", "0x", "1e", "\n", "\\", "inf", "pad: 3 ", "nan", "\u0000", "é");
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.tuple(fc.nat(), piece), { minLength: 1, maxLength: 4 }), (text, insertions) => {
        let changed = text;
        for (const [at, what] of insertions) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + what + changed.slice(place);
        }
        checkAny(changed);
      }),
      { numRuns: 400 },
    );
  });

  const files = hasReal ? readdirSync(realFolder, { recursive: true }).map(String).filter((name) => name.endsWith(".prototxt")) : [];
  test.skipIf(files.length === 0)("every net of others prints back byte for byte", () => {
    for (const file of files) {
      const text = readFileSync(join(realFolder, file), "utf8");
      expect(printTree(parse(text))).toBe(text);
    }
  });
});
