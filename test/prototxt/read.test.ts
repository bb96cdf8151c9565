import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";

/** What the schema finds in a text, as `code at "text": message`. */
function checkFindings(text: string, expected: readonly (readonly [code: string, at: string, message: string | RegExp])[]): void {
  const found = readDocument(text).diagnostics;
  expect(found.map((d) => [d.code, text.slice(d.start, d.end)])).toEqual(expected.map(([code, at]) => [code, at]));
  found.forEach((d, i) => { expect(d.message).toMatch(expected[i]![2]); });
}

const layer = (body: string): string => `layer { name: "x" type: "Convolution" ${body} }`;

describe("typed reading", () => {
  test.each([
    [layer("convolution_param { num_output: 2 kernel_sise: 3 }"), "unknown-field", "kernel_sise", /no field 'kernel_sise'. Did you mean 'kernel_size'/],
    [layer("upsample_param { scale: 2 }"), "unknown-field", "scale", /./],
    [layer("convolution_param { num_output: 2.5 }"), "wrong-type", "2.5", /whole number, not 2.5/],
    [layer("convolution_param { num_output: -1 }"), "wrong-type", "-1", /at least 0, not -1/],
    [layer("convolution_param { num_output: 4294967296 }"), "wrong-type", "4294967296", /does not fit/],
    // Floats are decimal: libprotobuf says "Expect a decimal number".
    [layer("relu_param { negative_slope: 0x10 }"), "wrong-type", "0x10", /is a number, not 0x10/],
    [layer("relu_param { negative_slope: 010 }"), "wrong-type", "010", /is a number, not 010/],
    [layer("relu_param { negative_slope: -01.5 }"), "wrong-type", "-01.5", /is a number, not -01.5/],
    ['name: "C:\\data"', "syntax", "\\d", /'\\d' is no escape/],
    ['name: "a" \'\\x\'', "syntax", "\\x", /'\\x' is no escape/],
    ['name: "\\u00e"', "syntax", "\\u", /is no escape/],
    ['name: "\\U00110000"', "syntax", "\\U", /is no escape/],
    [layer("convolution_param { bias_term: yes }"), "wrong-type", "yes", /true or false, not yes/],
    [layer("convolution_param { bias_term: 2 }"), "wrong-type", "2", /true or false, not 2/],
    [layer("convolution_param { num_output: 1 num_output: 2 }"), "repeated-field", "num_output: 2", /takes 'num_output' once/],
    [layer("convolution_param { num_output: [1] }"), "wrong-type", "[1]", /one value, not a list/],
    [layer("convolution_param: 3"), "wrong-type", "3", /is a message/],
    [layer("phase: { }"), "wrong-type", "{ }", /a single value, not a message/],
    [layer("phase: test"), "unknown-enum-value", "test", /one of TRAIN, TEST, not test/],
    [layer('phase: "TEST"'), "unknown-enum-value", '"TEST"', /without quotes/],
    ["layer { name: x }", "wrong-type", "x", /needs quotes/],
    [layer("clip_param { min: 0 }"), "missing-field", "clip_param", /needs 'max'/],
  ])("%s", (text, code, at, message) => {
    if (code === "unknown-field" && at === "scale") { checkFindings(text, []); return; } // SegNet's field, found by itself
    checkFindings(text, [[code, at, message]]);
  });

  test("values in every spelling that libprotobuf takes", () => {
    const { root, diagnostics } = readDocument('force_backward: t debug_info: 0 input_dim: 010 input_dim: 0x10 name: "a\\x41\\101" "\\n" state { phase: 1 }');
    expect(diagnostics).toEqual([]);
    expect([root.bool("force_backward"), root.bool("debug_info"), root.numbers("input_dim"), root.text("name"), root.message("state").text("phase")]).toEqual([true, false, [8, 16], "aAA\n", "TEST"]);
  });

  test("every escape that libprotobuf takes", () => {
    const { root, diagnostics } = readDocument(String.raw`name: "\a\b\f\n\r\t\v\\\'\"\?\7\101\x41\xa\u0041\U0010ffff\\d"`);
    expect(diagnostics).toEqual([]);
    expect(root.text("name")).toBe("\x07\b\f\n\r\t\v\\'\"?\x07AA\nA\u{10ffff}\\d");
  });

  test("a dialect is chosen by a comment, else by what is used", () => {
    expect(readDocument("# proto-dialect: intel\n").dialect).toMatchObject({ name: "intel", reason: "comment" });
    expect(readDocument(layer("upsample_param { scale: 2 }")).dialect).toMatchObject({ name: "segnet", reason: "detected" });
    expect(readDocument(layer("relu_param { }")).dialect).toMatchObject({ name: "bvlc", reason: "default" });
    expect(readDocument(layer("relu_param { }"), { dialect: "ssd" }).dialect).toMatchObject({ name: "ssd", reason: "setting" });
  });
});
