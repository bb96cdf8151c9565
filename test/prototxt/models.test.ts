import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { Message } from "../../src/prototxt/message.ts";
import { parse } from "../../src/prototxt/parser.ts";
import { messagesOf, type MessageNode, type ValueNode } from "../../src/prototxt/tree.ts";
import { analyze } from "../../src/ide/analysis.ts";

// What is in messages that are alike is made once: here each is compared with what it is when it stands alone.

function modelled(node: MessageNode): MessageNode[] {
  return node.fields.flatMap((field) => messagesOf(field).flatMap((inner) => [...(inner.model === undefined ? [] : [inner]), ...modelled(inner)]));
}

/** All that is in a message, places as seen from `from`. */
function told(node: MessageNode, from: number): unknown {
  const value = (one: ValueNode): unknown =>
    one.kind === "message" ? told(one, from)
    : one.kind === "list" ? [one.start - from, one.end - from, one.items.map(value)]
    : [one.start - from, one.end - from, one.form, one.negative, one.raw];
  return [
    node.start - from, node.end - from, node.closed,
    node.fields.map((field) => {
      expect(field.parent).toBe(node);
      return [field.name, field.start - from, field.end - from, field.colonAt < 0 ? -1 : field.colonAt - from, field.value && value(field.value)];
    }),
  ];
}

function read(message: Message, from: number): unknown {
  return message.all.map(({ field, value, node, valueNode }) => [
    field.name, value instanceof Message ? read(value, from) : value, node!.start - from, node!.end - from, valueNode!.start - from, valueNode!.end - from,
  ]);
}

const name = fc.stringMatching(/^[a-z]\w{0,8}$/);
const type = fc.constantFrom("Convolution", "ReLU", "Power", "Normalize", "InnerProduct");
const quotes = fc.constantFrom('"', "'");
const filler = fc.constantFrom('weight_filler { type: "xavier" }', "weight_filler { type: 'xavier' }", "weight_filler < type: \"constant\" value: 2 >", "");
const separator = fc.constantFrom(" ", " ", "\n  ", ", ", "; ", " # more\n");
const layer = fc
  .record({ name, type, bottom: name, top: name, mark: quotes, filler, separator, pad: fc.integer({ min: 0, max: 3 }), form: fc.integer({ min: 0, max: 5 }) })
  .map(({ name, type, bottom, top, mark, filler, separator, pad, form }) => {
    const text = (word: string): string => `${mark}${word}${mark}`;
    const tops = form === 1 ? `top: [${text(top)}, "b"]` : form === 2 ? `top: ${text(top)} "more"` : form === 3 ? `top: ${text(`${top}\\n`)}` : `top: ${text(top)}`;
    const more = form === 4 ? "include { phase: TRAIN }" : form === 5 ? "phase: TEST" : "param { lr_mult: 1 } param { lr_mult: 1 }";
    return `layer {${separator === ", " || separator === "; " ? " " : separator}${[`name: ${text(name)}`, `type: ${text(type)}`, `bottom: ${text(bottom)}`, tops, more, `convolution_param { pad: ${pad} ${filler} }`].join(separator)} }`;
  });
const net = fc.array(layer, { minLength: 2, maxLength: 12 }).map((layers) => layers.join("\n"));
/** A character put somewhere: texts that are half typed. */
const broken = fc.tuple(net, fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom("{", "}", '"', "x", "[", "", "\\", "\0", "layer", "\nlayer {")).map(([text, at, put]) => {
  const i = Math.floor(at * text.length);
  return text.slice(0, i) + put + text.slice(i);
});

describe("messages that are alike", () => {
  test("hold what they hold alone", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.oneof(net, broken), (text) => {
        for (const node of modelled(parse(text).root)) {
          const alone = parse(`x ${text.slice(node.start, node.end)}`);
          expect(alone.errors).toEqual([]);
          expect(told(node, node.start)).toEqual(told(messagesOf(alone.root.fields[0]!)[0]!, 2));
          compared++;
        }
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test("say what they say alone, before and after their places are asked for", () => {
    fc.assert(
      fc.property(net, (text) => {
        const { root } = readDocument(text, { dialect: "bvlc" });
        for (const message of root.messages("layer")) {
          const alone = readDocument(`layer ${text.slice(message.node!.start, message.node!.end)}`, { dialect: "bvlc" }).root.message("layer");
          const facts = (one: Message): unknown => [
            one.text("name"), one.texts("top"), one.text("phase"), one.has("include"), one.size("param"), one.message("convolution_param").number("pad"),
            one.message("convolution_param").message("weight_filler").text("type"), one.messages("param").map((spec) => spec.number("lr_mult")),
          ];
          expect(facts(message)).toEqual(facts(alone));
          expect(read(message, message.node!.start)).toEqual(read(alone, "layer ".length));
          expect(facts(message)).toEqual(facts(alone));
        }
      }),
      { numRuns: 100, seed: 8 },
    );
  });

  test("findings in one stand in that one", () => {
    const line = 'layer { name: "a" type: "ReLU" param { lr_mul: 1 } }\n';
    const found = readDocument(line.repeat(3)).diagnostics;
    expect(found.map(({ code, start }) => [code, start])).toEqual([0, 1, 2].map((i) => ["unknown-field", i * line.length + line.indexOf("lr_mul")]));
  });

  test("a type of another Caffe is seen in a layer that is like others but for its type", () => {
    const of = (layerType: string): string => `layer { name: "a" type: "${layerType}" bottom: "data" top: "a" }\n`;
    const alike = of("ReLU") + of("TanH") + of("Normalize");
    const { name, reason } = readDocument(alike).dialect;
    expect([name, reason]).toEqual([readDocument(`${of("ReLU")}${of("Normalize").replace(" type", "  type")}`).dialect.name, "detected"]);
  });
});

describe("layers that are alike", () => {
  const chain = (different: boolean, padded: boolean): string => {
    const conv = (i: number): string => `layer { name: "c${i}" type: "Convolution" bottom: "${i === 0 ? "data" : `c${i - 1}`}" top: "c${i}" convolution_param { num_output: 8 kernel_size: 3${padded ? " pad: 1" : ""} } }\n`;
    const relu = (i: number): string => `layer { name: "r${i}" type: "ReLU" bottom: "c${i}" top: "c${i}" }\n`;
    const flat = (i: number): string => `layer { name: "f${i}" type: "Flatten" bottom: "c${i}" top: "f${i}" }\nlayer { name: "s${i}" type: "Softmax" bottom: "f${i}" top: "f${i}" }\n`;
    const all = Array.from({ length: 9 }, (_, i) => conv(i) + relu(i) + flat(i)).join("");
    const whole = `input: "data"\ninput_shape { dim: 1 dim: 3 dim: 17 dim: 17 }\n${all}`;
    let n = 0;
    return different ? whole.replace(/ \}\n/g, () => ` # ${n++}\n}\n`) : whole;
  };
  test.each([true, false])("have the shapes, the reach and the findings that they have where no two are alike (padded: %s)", (padded) => {
    // Without padding, the last kernels are larger than what is left: Caffe refuses them, each by its name.
    const [same, other] = [chain(false, padded), chain(true, padded)].map((text) => {
      const analysis = analyze(text, { pixelwise: "on" });
      return {
        shapes: inferShapes(readNet(readDocument(text))).layers,
        fields: analysis.fields,
        cost: analysis.cost.layers,
        findings: analysis.diagnostics.map(({ code, layer, message, start, end }) => [code, layer, message, text.slice(start, end).replace(/\s+#.*\n/g, " ")]),
      };
    });
    expect(modelled(parse(chain(false, padded)).root).length).toBeGreaterThan(30);
    expect(modelled(parse(chain(true, padded)).root).filter(({ parent }) => parent!.name === "layer")).toEqual([]);
    expect(same).toEqual(other);
    expect(same!.findings.some(([code]) => code === "layer-refused")).toBe(!padded);
  });

  test("one that works in place is another to its rules", () => {
    const conv = (top: string): string => `layer { name: "c" type: "Convolution" bottom: "data" top: "${top}" convolution_param { num_output: 3 kernel_size: 5 } }\n`;
    // In place, Caffe shapes the second time what the first time made: 1 x 1, too small for the kernel.
    const found = analyze(`input: "data"\ninput_shape { dim: 1 dim: 3 dim: 5 dim: 5 }\n${conv("a")}${conv("b")}${conv("data")}`).diagnostics;
    expect(found.map(({ code }) => code)).toContain("fails-at-run");
  });
});
