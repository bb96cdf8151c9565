import { describe, expect, test } from "vitest";
import type { CompletionItem, CompletionList, MarkupContent, TextEdit } from "vscode-languageserver/node";
import { checkMarks, opened } from "./check.ts";
import { startEditor } from "./client.ts";

/** The suggestions as an editor lists them. */
async function listed(ask: <R>(method: string) => Promise<R>): Promise<CompletionItem[]> {
  const { items } = (await ask<CompletionList | null>("completion")) ?? { items: [] };
  return [...items].sort((a, b) => (a.sortText! < b.sortText! ? -1 : 1));
}

describe("what may be written, the likeliest first", () => {
  checkMarks("completion", async ({ ask, cursor }) => {
    const items = await listed(ask);
    const [first] = items;
    if (first === undefined) return [{ range: { start: cursor, end: cursor }, label: "nothing" }];
    const shown = items.slice(0, 8).map(({ labelDetails, tags = [], textEdit }) => `${JSON.stringify((textEdit as TextEdit).newText)}${labelDetails?.description === undefined || labelDetails.description === "" ? "" : ` (${labelDetails.description})`}${tags.length > 0 ? " deprecated" : ""}`);
    for (const { textEdit } of items) expect((textEdit as TextEdit).range).toEqual((first.textEdit as TextEdit).range);
    return [{ range: (first.textEdit as TextEdit).range, label: ["", ...shown, ...(items.length > 8 ? [`… ${items.length - 8} more`] : [])].join("\n") }];
  });
});

test("documentation comes when a suggestion is looked at", async () => {
  const editor = await startEditor();
  const doc = async (source: string, label: string): Promise<string> => {
    const { ask } = await opened(source, editor);
    const item = (await listed(ask)).find((candidate) => candidate.label === label)!;
    expect(item.documentation).toBeUndefined();
    return ((await editor.request<CompletionItem>("completionItem/resolve", item)).documentation as MarkupContent).value;
  };
  expect(await doc('layer { type: "Pooling" pooling_param { $0 } }', "stride")).toContain("uint32 stride = 1");
  expect(await doc("layer { type: \"Pooling\" pooling_param { pool: $0 } }", "AVE")).toMatch(/\w+/);
  expect(await doc('layer { type: "$0" }', "Convolution")).toMatch(/filters/i);
  editor.close();
});

test("an editor without snippets gets plain text", async () => {
  const editor = await startEditor({}, { snippets: false, commands: false });
  const { ask } = await opened("$0", editor);
  const items = await listed(ask);
  expect(items.find(({ label, kind }) => label === "layer" && kind === 15)?.textEdit).toMatchObject({ newText: 'layer {\n  name: "name"\n  type: "Convolution"\n  bottom: "data"\n  top: "name"\n  \n}' });
  for (const { insertTextFormat, textEdit, command } of items) {
    expect(insertTextFormat).toBe(1);
    expect((textEdit as TextEdit).newText).not.toMatch(/\$/);
    expect(command).toBeUndefined();
  }
  editor.close();
});

test("the next suggestions open by themselves where they are due", async () => {
  const editor = await startEditor();
  const { ask } = await opened("layer {\n  $0\n}", editor);
  const items = await listed(ask);
  expect(items.filter(({ command }) => command?.command === "editor.action.triggerSuggest").map(({ label }) => label).sort()).toEqual(["bottom", "top", "type"]);
  editor.close();
});
