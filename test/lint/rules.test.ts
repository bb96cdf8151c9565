import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { lint, type LintOptions } from "../../src/lint/lint.ts";
import { lintSolver, solverPaths } from "../../src/lint/solver.ts";
import { applyEdits } from "../../src/text/edit.ts";
import { asAnnotations, expectations } from "../support/annotations.ts";

const folder = join(import.meta.dirname, "../fixtures/lint");

function findings(text: string, options: LintOptions = {}): ReturnType<typeof lint> {
  return lint(readNet(readDocument(text)), options);
}

describe("rules find what the annotated nets say, and nothing else", () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith(".prototxt")))("%s", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const expected = expectations(text);
    expect(expected.length).toBeGreaterThan(0);
    expect(asAnnotations(text, findings(text).filter((d) => d.code !== "unused-top"), expected).sort()).toEqual(expected.sort());
  });
});

describe("lint", () => {
  const padded = 'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 } layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 2 kernel_size: 3 pad_h: 1 pad_w: 2 } } layer { name: "fc" type: "InnerProduct" bottom: "c" top: "fc" inner_product_param { num_output: 2 } }';

  test("pixel-wise checks can be switched off, severities changed", () => {
    const codes = (options: LintOptions): string[] => findings(padded, options).map((d) => `${d.severity} ${d.code}`);
    expect(codes({})).toEqual(["warning padding", "hint inner-product"]);
    expect(codes({ pixelwise: "off" })).toEqual([]);
    expect(codes({ severities: { padding: "error", "inner-product": "off" } })).toEqual(["error padding"]);
  });

  test("the fix of padding sets every pad to 0", () => {
    const [fix] = findings(padded)[0]!.fixes!;
    expect(applyEdits(padded, fix!.edits)).toContain("pad_h: 0 pad_w: 0");
  });

  test("a blob that is left over is mentioned", () => {
    const text = 'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 } layer { name: "s" type: "Slice" bottom: "data" top: "a" top: "b" slice_param { slice_point: 1 } } layer { name: "r" type: "ReLU" bottom: "a" top: "r" }';
    expect(findings(text, { pixelwise: "off" }).map((d) => [d.code, text.slice(d.start, d.end)])).toEqual([["unused-top", '"b"']]);
  });
});

describe("solver", () => {
  const good = 'net: "train_val.prototxt" base_lr: 0.01 lr_policy: "step" gamma: 0.1 stepsize: 100 max_iter: 1000 test_iter: 10 test_interval: 100 type: "SGD"';
  const codes = (text: string): string[] => lintSolver(readDocument(text)).map((d) => `${d.severity} ${d.code}`);
  test("a sound one has no findings and names its net", () => {
    expect(readDocument(good).kind).toBe("solver");
    expect(codes(good)).toEqual([]);
    expect(solverPaths(readDocument(good)).map(({ path }) => path)).toEqual(["train_val.prototxt"]);
  });
  test.each([
    [good.replace('net: "train_val.prototxt"', ""), "error solver-net"],
    [`${good} train_net: "x"`, "error solver-net"],
    [good.replace("stepsize: 100", ""), "error solver-policy"],
    [good.replace('"step"', '"stepp"'), "error solver-policy"],
    [good.replace("gamma: 0.1", ""), "warning solver-policy"],
    [good.replace('"SGD"', '"Adamm"'), "error solver-type"],
    [good.replace("test_interval: 100", ""), "error solver-tests"],
    [good.replace("base_lr: 0.01", ""), "warning solver-field"],
    [`${good} solver_type: ADAM`, "information legacy-format"],
  ])("%s", (text, expected) => { expect(codes(text)).toEqual([expected]); });
});
