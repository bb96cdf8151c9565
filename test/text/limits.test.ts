import { afterEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import words from "../../package.nls.json" with { type: "json" };
import { analyze } from "../../src/ide/analysis.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { limit, limitNames, limits, raising, readLimits, useLimits } from "../../src/text/limits.ts";

afterEach(() => { useLimits({}); });

test("every limit is a setting of the same name, default and range, which no workspace can set", () => {
  const settings = Object.entries(manifest.contributes.configuration.properties).filter(([name]) => name.startsWith("netsurgeon.limits."));
  expect(settings.map(([name]) => name)).toEqual(limitNames.map((name) => `netsurgeon.limits.${name}`));
  for (const [name, setting] of settings) {
    const { standard, most } = limits[name.split(".")[2] as keyof typeof limits];
    expect(setting).toMatchObject({ type: "integer", minimum: 1, maximum: most, default: standard, scope: "machine" });
    expect(words[setting.markdownDescription.replaceAll("%", "") as keyof typeof words]).toMatch(/^Most .*Raise it only for files that you trust/);
  }
});

test("what an editor sends may be anything; only what makes sense counts", () => {
  expect(readLimits({ layers: 10, nesting: 1e6, pixels: "many", blobs: 3, textBytes: 2.5, modelBlobs: 0 })).toEqual({ layers: 10 });
  expect([readLimits(undefined), readLimits(null), readLimits(7), readLimits({ __proto__: { layers: 5 } })]).toEqual([{}, {}, {}, {}]);
});

test("a message says how to raise a limit, where that is possible", () => {
  expect(raising("layers", 60_000)).toBe("To allow it, raise the limit: --limit layers=60000 on the command line, netsurgeon.limits.layers in the editor.");
  expect(raising("nesting", 5000)).toBe("No setting allows that.");
  expect(limit("layers")).toBe(50_000);
});

describe("a net with too many layers", () => {
  const layer = (i: number): string => `layer { name: "r${i}" type: "ReLU" bottom: "b${i}" top: "b${i + 1}" }\n`;
  const net = (layers: number): string => `name: "n"\n${Array.from({ length: layers }, (_, i) => layer(i)).join("")}force_backward: true`;
  const codesOf = (text: string): string[] => analyze(text).diagnostics.map(({ code }) => code);

  test("has one finding, and nothing is said of its layers", () => {
    useLimits({ layers: 5 });
    expect(codesOf(net(5))).not.toContain("too-many-layers");
    const analysis = analyze(net(6));
    expect(analysis.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "too-many-layers: the net has more than 5 layers; none of them is looked at. To allow it, raise the limit: --limit layers=50 on the command line, netsurgeon.limits.layers in the editor.",
    ]);
    expect(net(6).slice(analysis.diagnostics[0]!.start)).toMatch(/^layer \{ name: "r5"/);
    expect(analysis.net.layers).toEqual([]);
    expect(convertNet(analysis.shapes)).toHaveProperty("refusals");
  });

  test("is found in lists and old formats too; a comment does not silence it", () => {
    useLimits({ layers: 2 });
    for (const text of ["layer: [{}, {}, {}]", "layers {} layer {} layers {}", "# netsurgeon-disable\nlayer {} layer {} layer {}"]) {
      expect(codesOf(text), text).toEqual(["too-many-layers"]);
    }
    expect(codesOf("layer { layer {} layer {} layer {} }")).not.toContain("too-many-layers");
  });

  test("is whole again when one is removed, and the other way round", () => {
    useLimits({ layers: 5 });
    const [fine, long] = [net(5), net(6)];
    const before = analyze(fine);
    expect(before.diagnostics.length).toBeGreaterThan(0);
    const after = analyze(long, {}, before);
    expect(after.diagnostics.map(({ code }) => code)).toEqual(["too-many-layers"]);
    expect(analyze(fine, {}, after).diagnostics).toEqual(analyze(fine).diagnostics);
  });

  test("of a million layers, no more are read than the limit", () => {
    const analysis = analyze("layer{}".repeat(1e6));
    expect(analysis.diagnostics.map(({ code }) => code)).toEqual(["too-many-layers"]);
    expect(analysis.document.tree.root.fields).toEqual([]);
  });
});
