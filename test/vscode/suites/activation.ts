import * as assert from "node:assert";
import { suite, test } from "mocha";
import * as vscode from "vscode";
import { extension, file, openFile } from "./support.ts";

/** First of all suites: it sees the extension before anything needed it. */
export function activation(): void {
  suite("activation", () => {
    test("not on start-up, nor by a text that is no prototxt", async () => {
      assert.strictEqual(extension().isActive, false, "the extension was activated on start-up");
      for (const name of ["notes.txt", "other.pbtxt"]) {
        const document = await vscode.workspace.openTextDocument(file(name));
        assert.notStrictEqual(document.languageId, "prototxt", name);
      }
      assert.strictEqual(extension().isActive, false, "the extension was activated by a text that is no prototxt");
    });

    test("by opening a prototxt", async () => {
      const { document } = await openFile("nuclei32/deploy.prototxt");
      assert.strictEqual(document.languageId, "prototxt");
      assert.strictEqual(extension().isActive, true);
    });

    test("every command of the manifest is there", async () => {
      const manifest = extension().packageJSON as { contributes: { commands: { command: string }[] } };
      const known = await vscode.commands.getCommands(true);
      assert.deepStrictEqual(manifest.contributes.commands.filter(({ command }) => !known.includes(command)), []);
    });
  });
}
