import { describe, expect, test } from "vitest";
import { lintShapes } from "../../src/lint/lint.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { parse } from "../../src/prototxt/parser.ts";
import { conformanceCases } from "../support/conformance.ts";

/** Texts of a hundred thousand characters end in far less than the time limit where the work grows with the text, and never where it grows with its square. */
describe("large and senseless texts are read in time", () => {
  const pieces = [
    "a ", "a", "{", "}", "<", ">", "[", "]", ":", "a:", "a{", "a{}", "a<}", "a:[", "a:[{", "a:1 ", "a:1\n", ") a ", ") a:1 ", "%(a)s ", '"', '"a" ', "a:'", "-", "a:-", "1e", "0x",
    "#", "#\n", "//", "/* ", "/* */", "*/ /*", "[x] ", "[x]:1 ", "layer{", "layer {\n", "layer { bottom: 'x' }\n", "layers{layer{", "layer{type:'ReLU'top:'x'}", "\n", "\r", "\\", "é", "\u0000", "name:1 ",
    "input:'a' ", "input_shape{dim:1}", "a:1,", "a:1;;", "a:[1;", "a:[1 2 ", "a:[,", "param{",
  ];
  test.each(pieces)("%j", (piece) => {
    for (const text of [piece.repeat(Math.ceil(100_000 / piece.length)), `layer {${piece.repeat(Math.ceil(100_000 / piece.length))}`]) {
      expect(parse(text).root.end).toBe(text.length);
    }
  }, 5_000);

  test("thousands of layers of which none fits", () => {
    const layers = Array.from({ length: 1_500 }, (_, i) => `layer { name: "l${i}" type: "ReLU${i}" bottom: "nothing${i}" top: "top${i}" kernel${i}: 1 }\n`);
    const found = lintShapes(inferShapes(readNet(readDocument(layers.join("")))), { pixelwise: "on" });
    expect(found.filter((d) => d.code === "unknown-bottom").length).toBe(1_500);
    expect(found.filter((d) => d.code === "unknown-field").length).toBe(1_500);
  }, 20_000);
});

/** Where Caffe's parser stops, we have something to say: on the line that it names, or on the one before (its column is that of the next token). */
describe("what Caffe's parser refuses is found where it stops", () => {
  const refused = conformanceCases().flatMap(({ id, text, meta }) => ((meta.error?.protobuf ?? []).filter(({ line }) => line !== undefined).map(({ line }) => [id, text, line!] as const)));
  test("there are cases", () => { expect(refused.length).toBeGreaterThan(20); });
  test.each(refused)("%s", (_, text, line) => {
    const found = readDocument(text, { dialect: "bvlc" }).diagnostics.filter((d) => d.severity === "error");
    const near = found.filter((d) => {
      const ours = text.slice(0, d.start).split("\n").length;
      return ours <= line && (ours >= line - 1 || d.message.includes("never closed"));
    });
    expect(near).not.toEqual([]);
  });
});
