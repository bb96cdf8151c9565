import { describe, expect, test } from "vitest";
import type { CodeAction, Range, TextEdit } from "vscode-languageserver/node";
import { changedLines, checkMarks, edited, opened, type Opened } from "./check.ts";
import { startEditor } from "./client.ts";

/** An offer as it is written under its place: what it is, what the editor asks first, and the lines it changes. */
function shown({ text, uri }: Opened, { title, kind, isPreferred, edit, diagnostics }: CodeAction): string {
  const [change] = edit!.documentChanges as { textDocument: { uri: string; version: number }; edits: TextEdit[] }[];
  expect(change!.textDocument).toEqual({ uri, version: 1 });
  const confirm = Object.values(edit!.changeAnnotations ?? {}).some(({ needsConfirmation }) => needsConfirmation);
  const answers = diagnostics === undefined ? "" : ` for ${diagnostics.map(({ code }) => code).join()}`;
  const lines = changedLines(text, edited(text, change!.edits));
  const some = lines.length > 12 ? [...lines.slice(0, 12), `… ${lines.length - 12} more`] : lines;
  return [`${title} (${kind!}${answers}${isPreferred === true ? ", preferred" : ""}${confirm ? ", to be confirmed" : ""})`, ...some].join("\n");
}

async function actions(text: Opened, range: Range, only?: string[]): Promise<string[]> {
  const found = await text.ask<CodeAction[]>("codeAction", { range, context: { diagnostics: text.editor.published(text.uri), ...(only && { only }) } });
  return found.map((action) => shown(text, action));
}

describe("quick fixes and refactorings at the cursor", () => {
  checkMarks("code-action", async (text) => {
    const range = { start: text.cursor, end: text.cursor };
    const found = await actions(text, range);
    return [{ range, label: ["", ...found.filter((action) => !action.startsWith("Silence")).join("\n").split("\n")].join("\n") }];
  });
});

describe("what is silenced", () => {
  checkMarks("silence", async (text) => {
    const range = { start: text.cursor, end: text.cursor };
    return [{ range, label: ["", ...(await actions(text, range)).filter((action) => action.startsWith("Silence")).join("\n").split("\n")].join("\n") }];
  });
});

const broken = 'layer {\n  name: "a"\n  typ: "ReLU"\n  bottom: "x"\n  top: "a"\n}\nlayer { name: "b" type: "ReLUU" bottom: "aa" top: b }\n';

test("source.fixAll makes all preferred fixes at once, and only when asked", async () => {
  const editor = await startEditor();
  const text = await opened(broken, editor);
  const everywhere = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  for (const only of [["source.fixAll"], ["source"], ["source.fixAll.netsurgeon"]]) {
    expect(await actions(text, everywhere, only)).toEqual([
      'Fix all that is safe to fix (source.fixAll.netsurgeon)\n-   typ: "ReLU"\n- layer { name: "b" type: "ReLUU" bottom: "aa" top: b }\n+   type: "ReLU"\n+ layer { name: "b" type: "ReLU" bottom: "a" top: "b" }',
    ]);
  }
  expect((await actions(text, everywhere)).filter((action) => action.includes("fixAll"))).toEqual([]);
  expect(await actions(text, everywhere, ["refactor.extract"])).toEqual([]);
  editor.close();
});

test("an editor that cannot confirm gets the edits as they are", async () => {
  const editor = await startEditor({}, { annotations: false });
  const text = await opened('input: "data"\ninput_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { name: "c" type: RELU bottom: "data" top: "c" }\n', editor);
  const found = await actions(text, { start: { line: 2, character: 0 }, end: { line: 2, character: 6 } });
  expect(found[0]).toContain("Upgrade the net to the current format (quickfix for legacy-format)");
  editor.close();
});
