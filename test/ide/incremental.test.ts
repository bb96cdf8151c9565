import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { applyEdits } from "../../src/text/edit.ts";
import { analyze, type Analysis, type AnalysisOptions } from "../../src/ide/analysis.ts";
import { inlayHints } from "../../src/ide/inlay-hints.ts";
import { Message } from "../../src/prototxt/message.ts";
import { Patterns } from "../../src/prototxt/patterns.ts";
import { printTree, type MessageNode, type ValueNode } from "../../src/prototxt/tree.ts";

const read = (path: string): string => readFileSync(join(import.meta.dirname, "..", path), "utf8");
const nested = '  layer {\n    name: "a"\n    type: "Input"\n    top: "a"\n    param {\n      layer: 1\n    }\n  } layer { name: "b" type: "ReLU"\n bottom: "a"\n\tlayers { }\n top: "b" }\n';
const foreign = 'layer { name: "n" type: "Normalize" bottom: "data" top: "n" norm_param { across_spatial: false } }\nlayer { name: "p" type: "Permute" bottom: "n" top: "p" permute_param { order: 0 order: 2 } }\n';
const repeated = `input: "data" input_dim: 1 input_dim: 3 input_dim: 32 input_dim: 32\n${["a", "bb", "ccc", "dddd"]
  .map((name, i) => `layer { name: "${name}" type: "Convolution" bottom: "${["data", "a", "bb", "ccc"][i]!}" top: "${name}" param { lr_mult: 1 } param { lr_mult: 1 }\n  convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "xavier" } bias_filler { type: "xavier" } } }\nlayer {\n  name: "relu_${name}"\n  type: "ReLU"\n  bottom: "${name}"\n  top: "${name}"\n}\n`)
  .join("")}`;
const start = 'input: "data"\ninput_shape { dim: 1 dim: 3 dim: 32 dim: 32 }\n';
const texts = [
  read("../samples/nuclei32/deploy.prototxt"),
  read("fixtures/net/phases.prototxt"),
  read("fixtures/surgery/v0.prototxt"),
  read("fixtures/surgery/v1.prototxt"),
  read("fixtures/prototxt/half-typed.prototxt"),
  `${start}${foreign}${start.replace("data", "other")}`,
  nested,
  repeated,
];

/** What users type, and what hurts: brackets and quotes without their partner, comments, half fields, whole layers, other dialects. */
const pieces = [
  "{", "}", "{}", "<", ">", "[", "]", '"', "'", ":", ",", ";", "#", "\n", "\r\n", " ", "  ", "x", "0", "7", "-", "/*", "*/", "//", "\\", "\ufeff", "é",
  "layer", "layer {", "\nlayer {\n", "  layer {\n", "layers {", "pad: 1", "pad: ", "bottom: ", '\n  top: "', 'name: "conv1"', "# netsurgeon-disable padding", "# proto-dialect: ssd\n", "# proto-dialect:",
  'net: "x"\nbase_lr: 0.1\n', "upsample_param { scale: 2 }", 'type: "Interp"', "phase: TRAIN", start, foreign, 'layer {\n  name: "r"\n  type: "ReLU"\n  bottom: "data"\n  top: "r"\n}\n',
] as const;

interface Step {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}
const step = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) }, { weight: 1, arbitrary: fc.integer({ min: 13, max: 400 }) }),
  put: fc.oneof({ weight: 1, arbitrary: fc.constant("") }, { weight: 3, arbitrary: fc.constantFrom(...pieces) }),
});

function applied(text: string, { at, cut, put }: Step): string {
  const from = Math.floor(at * (text.length + 1));
  return applyEdits(text, [{ start: from, end: Math.min(text.length, from + cut), text: put }]);
}

/** All that an analysis says, positions included. */
function told(analysis: Analysis): string {
  const { document, net, shapes } = analysis;
  const value = (node: ValueNode): unknown =>
    node.kind === "message" ? message(node)
    : node.kind === "list" ? [node.start, node.end, node.items.map(value)]
    : [node.start, node.end, node.form, node.negative, node.raw];
  const message = (node: MessageNode): unknown => [
    node.start, node.end, node.open, node.close,
    node.fields.map((field) => {
      if (field.parent !== node) throw new Error(`${field.name} is not a field of what holds it`);
      return [field.start, field.end, field.name, field.nameRange, field.colon, field.value && value(field.value)];
    }),
  ];
  const read = (given: Message): unknown =>
    [...given.values].map(([name, all]) => [name, all.map((one) => [one.value instanceof Message ? read(one.value) : one.value, one.node?.start, one.valueNode?.start, one.valueNode?.end])]);
  const all = {
    printed: printTree(document.tree),
    tokens: [document.tree.tokens.count, Array.from(document.tree.tokens.kinds).join(""), Array.from(document.tree.tokens.starts).join(" ")],
    tree: message(document.tree.root),
    errors: document.tree.errors,
    kind: document.kind,
    dialect: document.dialect,
    read: read(document.root),
    layers: net.layers.map((layer) => [layer.name, layer.type, layer.bottomNames, layer.tops.map((top) => [top.name, top.readers.length]), read(layer.message)]),
    excluded: net.excluded.length,
    shapes: shapes.layers,
    diagnostics: analysis.diagnostics,
    hints: inlayHints(analysis, { start: 0, end: analysis.text.length }, "all"),
    fields: analysis.fields,
    cost: analysis.cost.total,
  };
  return JSON.stringify(all, (_, given: unknown) => (given === undefined || Number.isNaN(given) ? String(given) : given), 1);
}

/** What an analysis says that is made from nothing, and in which messages that are alike have nothing in common. */
function toldAnew(text: string, options?: AnalysisOptions): string {
  const alike = vi.spyOn(Patterns.prototype, "outline").mockReturnValue(undefined);
  try {
    return told(analyze(text, options));
  } finally {
    alike.mockRestore();
  }
}

/** Checks, for a text that changes step by step, that each analysis made from the one before says what one made from nothing says. */
function checkSteps(text: string, steps: readonly (Step | string)[], options: readonly AnalysisOptions[] = [{}]): void {
  let current = text;
  expect(told(analyze(current, options[0]))).toBe(toldAnew(current, options[0]));
  let before = analyze(current, options[0]);
  steps.forEach((one, i) => {
    current = typeof one === "string" ? one : applied(current, one);
    // Not every version is asked for all there is to know.
    if (i % 2 === 0) told(before);
    const chosen = options[i % options.length];
    const after = analyze(current, chosen, before);
    const [taken, anew] = [told(after), toldAnew(current, chosen)];
    if (taken !== anew) expect(taken).toBe(anew);
    before = after;
  });
}

describe("what an analysis takes over from the one before is what it would find itself", () => {
  test("after edits of any kind", () => {
    fc.assert(fc.property(fc.constantFrom(...texts), fc.array(step, { minLength: 1, maxLength: 12 }), (text, steps) => { checkSteps(text, steps); }), { numRuns: 150 });
  });

  test("after edits under changing settings", () => {
    const options: AnalysisOptions[] = [{}, { dialect: "ssd" }, { phase: "TRAIN", pixelwise: "on" }, { custom: { Normalize: { like: "ReLU" } }, severities: { padding: "off" } }];
    fc.assert(fc.property(fc.constantFrom(...texts), fc.array(step, { minLength: 1, maxLength: 8 }), (text, steps) => { checkSteps(text, steps, options); }), { numRuns: 50 });
  });

  test("when an edit is taken back", () => {
    fc.assert(fc.property(fc.constantFrom(...texts), step, step, (text, a, b) => { checkSteps(text, [a, text, b, applied(applied(text, b), a), text]); }), { numRuns: 50 });
  });

  test.each<[string, string, ...string[]]>([
    ["a brace opened above", 'a: 1\nlayer { name: "x" }\nlayer { name: "y" }\n', 'b { a: 1\nlayer { name: "x" }\nlayer { name: "y" }\n'],
    ["a layer inside another that ends it while braces do not pair", nested, `{${nested}`, nested],
    ["layers behind one another on a line", 'layer { name: "x"\n} layer { name: "y"\n layer { } }', 'layer { name: "x"\n} layer { name: "y"\n layer { } }{'],
    ["a comma behind a message", "a { }\nb { }\nc { }", "a { }\n, b { }\nc { }"],
    ["a comment around a message", "a { }\n# \nb { }\nc { }", "a { }\n# b { }\nc { }", "a { }\n# \nb { }\nc { }"],
    ["a foreign comment", "a { }\nb { }\nc { x: 1 } */", "/* a { }\nb { }\nc { x: 1 } */"],
    ["a net that becomes a solver and a net again", 'layer { name: "a" }', 'net: "x" type: "SGD"', 'net: "x" layer { name: "a" }'],
    ["another dialect's comment", `${start}${foreign}`, `# proto-dialect: ssd\n${start}${foreign}`, `# proto-dialect: bvlc\n${start}${foreign}`],
  ])("%s", (_, first, ...others) => { checkSteps(first, others); });

  test("the earlier analysis is used up and says so", () => {
    const before = analyze(texts[0]!);
    const after = analyze(`${texts[0]!}\n`, {}, before);
    expect(() => before.net).toThrow("used up");
    expect(() => before.diagnostics).toThrow("used up");
    expect(after.diagnostics.length).toBeGreaterThan(0);
  });
});
