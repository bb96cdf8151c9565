import { describe, expect, test } from "vitest";
import type { DocumentHighlight, Location, LocationLink, Range, WorkspaceEdit } from "vscode-languageserver/node";
import { changedLines, checkMarks, edited, opened, type Opened } from "./check.ts";
import { startEditor } from "./client.ts";

describe("definition: where a name comes from", () => {
  checkMarks("definition", async ({ ask }) =>
    (await ask<LocationLink[]>("definition")).flatMap((link) => [
      { range: link.targetSelectionRange, label: "to" },
      { range: link.targetRange, label: "whole" },
      { range: link.originSelectionRange!, label: "from" },
    ]),
  );
});

describe("references and highlights: every mention", () => {
  checkMarks("references", async ({ ask }) => {
    const highlights = await ask<DocumentHighlight[]>("documentHighlight");
    const all = await ask<Location[]>("references", { context: { includeDeclaration: true } });
    const used = await ask<Location[]>("references", { context: { includeDeclaration: false } });
    const has = (places: readonly Location[], range: Range): boolean => places.some((place) => JSON.stringify(place.range) === JSON.stringify(range));
    expect(all.length).toBe(highlights.length);
    return highlights.map(({ range, kind }) => {
      expect(has(all, range)).toBe(true);
      return { range, label: `${["", "text", "read", "write"][kind!]!}${has(used, range) ? "" : ", declares"}` };
    });
  });
});

/** What a renaming changes, and what the editor asks first. */
async function renamed({ ask, text }: Opened, newName: string): Promise<string[]> {
  const edit = await ask<WorkspaceEdit>("rename", { newName });
  const [change] = edit.documentChanges as { edits: { range: Range; newText: string }[] }[];
  const annotations = Object.values(edit.changeAnnotations ?? {});
  expect(annotations.every(({ needsConfirmation }) => needsConfirmation)).toBe(true);
  return [...annotations.map(({ label }) => `asks: ${label}`), ...changedLines(text, edited(text, change!.edits))];
}

describe("rename: everywhere, and with a word where weights hang on the name", () => {
  checkMarks("rename", async (text) => {
    const prepared = await text.ask<{ range: Range; placeholder: string } | null>("prepareRename");
    const at = { start: text.cursor, end: text.cursor };
    if (prepared === null) return [{ range: at, label: "cannot be renamed" }];
    const results = [];
    for (const name of ["other", "taken"]) {
      results.push(`${JSON.stringify(name)}:`, ...(await renamed(text, name).catch((error: unknown) => [`refused: ${(error as Error).message}`])));
    }
    return [{ range: prepared.range, label: [prepared.placeholder, ...results].join("\n") }];
  });

  test("without confirmations the warning is a message", async () => {
    const editor = await startEditor({}, { annotations: false });
    const text = await opened('layer { name: "c$0" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 4 kernel_size: 3 } }', editor);
    const shown = editor.notification<{ message: string }>("window/showMessage");
    const edit = await text.ask<WorkspaceEdit>("rename", { newName: "d" });
    expect(edit.changeAnnotations).toBeUndefined();
    expect((await shown).message).toContain("finds weights by layer name");
    editor.close();
  });

  test.each(['a"b', "a\\b", " "])("%j is no name", async (name) => {
    const editor = await startEditor();
    const text = await opened('layer { name: "$0r" type: "ReLU" bottom: "x" top: "r" }', editor);
    await expect(renamed(text, name)).rejects.toThrow("A name is not empty and holds no quotes, backslashes or line ends.");
    editor.close();
  });
});
