import * as assert from "node:assert";
import { suite, test } from "mocha";
import * as vscode from "vscode";
import { extension, openFile } from "./support.ts";

export function activation(): void {
  suite("activation", () => {
    test("not before a prototxt is opened", async () => {
      assert.strictEqual(extension().isActive, false, "the extension was activated on start-up");
      await vscode.workspace.openTextDocument(vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, "notes.txt"));
      assert.strictEqual(extension().isActive, false, "the extension was activated by a text that is no prototxt");
    });
    test("by opening a prototxt", async () => {
      const { document } = await openFile("nuclei32/deploy.prototxt");
      assert.strictEqual(document.languageId, "prototxt");
      assert.strictEqual(extension().isActive, true);
    });
  });
}
