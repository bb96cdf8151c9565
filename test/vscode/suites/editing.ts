import * as assert from "node:assert";
import { suite, test } from "mocha";
import * as vscode from "vscode";
import { executed, openFile, openText, placeOf, revert } from "./support.ts";

const sample = "nuclei32/deploy.prototxt";

/** Completion, hover, rename, formatting, hints and the line above: that VS Code gets what the server gives. */
export function editing(): void {
  suite("editing", () => {
    test("completion: the fields that are valid and not yet given", async () => {
      const { document } = await openFile(sample);
      const list = await executed<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, placeOf(document, "stride: 2", 0));
      const labels = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
      assert.ok(labels.includes("pad"), labels.join(" "));
      assert.ok(!labels.includes("pool") && !labels.includes("num_output"), labels.join(" "));
    });

    test("hover: a layer's facts and a field's documentation", async () => {
      const { document } = await openFile(sample);
      await checkHover(document, '"conv2"', /\*\*conv2\*\* Convolution[^]*`pool1` 32 x 14 x 14[^]*`conv2` 32 x 12 x 12[^]*9,248 parameters/);
      await checkHover(document, "local_size", /local_size/);
    });

    test("rename: a blob wherever it is used, the layer of the same name left alone", async () => {
      const { document } = await openFile(sample);
      const edit = await executed<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", document.uri, placeOf(document, 'top: "pool1"', 6), "first");
      assert.strictEqual(edit.get(document.uri).length, 2);
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.match(document.getText(), /name: "pool1"\s+type: "Pooling"\s+bottom: "norm1"\s+top: "first"[^]*bottom: "first"/);
      await revert(document);
    });

    test("formatting: keeps comments, changes nothing the second time", async () => {
      const document = await openText('layer{name:"a" # kept\ntype:"ReLU"\n   bottom:"data"\ntop:"a"}\n');
      const format = async (): Promise<number> => {
        const edits = await executed<vscode.TextEdit[] | undefined>("vscode.executeFormatDocumentProvider", document.uri, { tabSize: 2, insertSpaces: true });
        const edit = new vscode.WorkspaceEdit();
        edit.set(document.uri, edits ?? []);
        await vscode.workspace.applyEdit(edit);
        return edits?.length ?? 0;
      };
      assert.ok((await format()) > 0);
      assert.match(document.getText(), /^layer \{\n {2}name: "a" # kept\n {2}type: "ReLU"\n/);
      assert.strictEqual(await format(), 0);
    });

    test("inlay hints and code lens: shapes, totals and what can be done", async () => {
      const { document } = await openFile(sample);
      const hints = await executed<vscode.InlayHint[]>("vscode.executeInlayHintProvider", document.uri, new vscode.Range(0, 0, document.lineCount, 0));
      const labels = hints.map(({ label }) => (typeof label === "string" ? label : label.map(({ value }) => value).join("")));
      assert.ok(labels.includes("32 x 30 x 30") && labels.includes("kernel 6 x 6"), labels.join(", "));
      const lenses = await executed<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri);
      const titles = lenses.map(({ command }) => command?.title ?? "");
      assert.match(titles[0]!, /^88,226 parameters/);
      assert.ok(titles.includes("Convert to fully convolutional"), titles.join(", "));
    });

    test("outline, folding and definition", async () => {
      const { document } = await openFile(sample);
      const symbols = await executed<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document.uri);
      assert.ok(symbols.some(({ name }) => name === "fc6"), symbols.map(({ name }) => name).join(" "));
      const folds = await executed<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", document.uri);
      assert.ok(folds.some(({ start }) => document.lineAt(start).text.startsWith("layer")));
      const places = await executed<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", document.uri, placeOf(document, 'bottom: "pool1"', 9));
      const lines = places.map((place) => document.lineAt(("targetRange" in place ? (place.targetSelectionRange ?? place.targetRange) : place.range).start.line).text.trim());
      assert.ok(lines.includes('top: "pool1"'), lines.join("; "));
    });
  });
}

async function checkHover(document: vscode.TextDocument, text: string, expected: RegExp): Promise<void> {
  const hovers = await executed<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, placeOf(document, text, 1));
  const said = hovers.flatMap(({ contents }) => contents).map((content) => (content as vscode.MarkdownString).value).join("\n");
  assert.match(said, expected);
}
