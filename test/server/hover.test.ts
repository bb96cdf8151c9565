import { describe, expect, test } from "vitest";
import type { CodeLens, Hover, InlayHint, MarkupContent } from "vscode-languageserver/node";
import { checkMarks, opened } from "./check.ts";
import { startEditor } from "./client.ts";

const whole = { range: { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } } };

describe("hover: fields, values, layers, blobs", () => {
  checkMarks("hover", async ({ ask, cursor }) => {
    const found = await ask<Hover | null>("hover");
    if (found === null) return [{ range: { start: cursor, end: cursor }, label: "nothing" }];
    return [{ range: found.range!, label: ["", ...(found.contents as MarkupContent).value.split("\n")].join("\n") }];
  });
});

describe("inlay hints: shapes where they change", () => {
  checkMarks("inlay-hint", async ({ ask }) => (await ask<InlayHint[]>("inlayHint", whole)).map(({ position, label, tooltip }) => ({ range: { start: position, end: position }, label: `${label as string} · ${(tooltip as MarkupContent).value}` })));
});

const net = 'name: "n"\ninput: "data"\ninput_shape { dim: 1 dim: 3 dim: 32 dim: 32 }\nlayer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 8 kernel_size: 3 } }\nlayer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }\nlayer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 2 } }\n';

test.each<[string, string[]]>([
  ["changes", ["8 x 30 x 30", "kernel 30 x 30", "2"]],
  ["all", ["8 x 30 x 30", "8 x 30 x 30", "kernel 30 x 30", "2"]],
  ["off", []],
])("inlay hints: %s", async (shapes, expected) => {
  const editor = await startEditor({ inlayHints: { shapes } });
  const { ask } = await opened(net, editor);
  expect((await ask<InlayHint[]>("inlayHint", whole)).map(({ label }) => label)).toEqual(expected);
  editor.close();
});

describe("code lens: the totals and what can be done", () => {
  async function checkLens(text: string, expected: readonly string[], settings: unknown = {}, options: Parameters<typeof startEditor>[1] = {}): Promise<void> {
    const editor = await startEditor(settings, options);
    const { ask, uri } = await opened(text, editor);
    const found = await ask<CodeLens[]>("codeLens");
    expect(found.map(({ command, range }) => `${range.start.line + 1} ${command!.title}${command!.command === "" ? "" : ` -> ${command!.command}`}`)).toEqual(expected);
    for (const { command } of found) if (command!.command !== "") expect(command!.arguments).toEqual([uri]);
    editor.close();
  }
  test.each<[string, string, string[]]>([
    ["a patch classifier", net, ["1 14,626 parameters · 208.8 k multiply-adds per patch · field 32, stride 1 -> netsurgeon.showShapes", "1 Convert to fully convolutional -> netsurgeon.convert", "1 Preview -> netsurgeon.preview"]],
    ["an old format", '\n# old\ninput: "d"\ninput_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { name: "c" type: RELU bottom: "d" top: "c" }\n', ["3 0 parameters · field 1, stride 1 -> netsurgeon.showShapes", "3 Upgrade to current format -> netsurgeon.upgrade"]],
    ["a solver", 'net: "x"\nbase_lr: 1\n', []],
    ["an empty text", "", []],
  ])("%s", async (_, text, expected) => checkLens(text, expected));
  test("an editor without the commands reads the totals only", async () => checkLens(net, ["1 14,626 parameters · 208.8 k multiply-adds per patch · field 32, stride 1"], {}, { commands: false }));
  test("off", async () => checkLens(net, [], { codeLens: false }));
});
