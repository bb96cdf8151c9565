import * as assert from "node:assert";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setup, suite, test } from "mocha";
import * as vscode from "vscode";
import { readOnnxFile } from "../../../src/onnx/read.ts";
import { answering, diagnosed, eventually, executed, exists, extension, file, openFile, placeOf, revert } from "./support.ts";

const sample = "nuclei32/deploy.prototxt";
const converted = ["nuclei32/deploy_full.prototxt", "nuclei32/nuclei32_full.caffemodel"];
const remove = (...names: string[]): void => { for (const name of names) rmSync(file(name).fsPath, { force: true }); };

/** A pick by what its label begins with. */
const pick = (...beginnings: string[]) => (items: readonly vscode.QuickPickItem[]): vscode.QuickPickItem | undefined =>
  items.find(({ label }) => beginnings.some((beginning) => label.startsWith(beginning)));

export function commands(): void {
  suite("convert to fully convolutional", () => {
    const answers = { showQuickPick: pick("For an image", "nuclei32.caffemodel"), showInputBox: () => "64 x 48" };
    const convert = (): Thenable<vscode.Uri | undefined> => vscode.commands.executeCommand("netsurgeon.convert", file(sample));
    setup(async () => {
      remove(...converted);
      await openFile(sample);
    });

    test("writes net and model beside the old ones and opens the diff of the two nets", async () => {
      const before = readFileSync(file(sample).fsPath, "utf8");
      const out = await answering(answers, convert);
      assert.strictEqual(out?.fsPath, file(converted[0]!).fsPath);
      const text = readFileSync(out.fsPath, "utf8");
      assert.match(text, /name: "fc6-conv"\s+type: "Convolution"/);
      assert.match(text, /dim: 96 dim: 80/);
      assert.strictEqual(readFileSync(file(sample).fsPath, "utf8"), before);
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(input instanceof vscode.TabInputTextDiff, "no diff is open");
      assert.deepStrictEqual([input.original.fsPath, input.modified.fsPath], [file(sample).fsPath, out.fsPath]);
      const result = await answering({ showQuickPick: pick("nuclei32_full.caffemodel", "Choose"), showOpenDialog: () => [file(converted[1]!)] }, () => vscode.commands.executeCommand<{ verdict: string }>("netsurgeon.checkWeights", out));
      assert.strictEqual(result.verdict, "same net");
    });

    test("asks before it overwrites, and leaves the files alone without a yes", async () => {
      for (const name of converted) writeFileSync(file(name).fsPath, "mine");
      const asked: string[] = [];
      const out = await answering({ ...answers, showWarningMessage: (message: string) => { asked.push(message); return undefined; } }, convert);
      assert.strictEqual(out, undefined);
      assert.match(asked.join(), /deploy_full\.prototxt, nuclei32_full\.caffemodel/);
      for (const name of converted) assert.strictEqual(readFileSync(file(name).fsPath, "utf8"), "mine");
      assert.ok(await answering({ ...answers, showWarningMessage: (_message: string, _options: unknown, yes: string) => yes }, convert));
      assert.ok(statSync(file(converted[1]!).fsPath).size > 300_000);
    });

    test("leaves nothing behind where a question is cancelled or the work is", async () => {
      assert.strictEqual(await answering({}, convert), undefined);
      assert.strictEqual(await answering({ ...answers, withProgress: cancelledProgress }, convert), undefined);
      for (const name of converted) assert.ok(!exists(name), name);
    });

    test("the net alone, at the size it has", async () => {
      await answering({ showQuickPick: pick("Leave the input", "Convert the net only") }, convert);
      assert.match(readFileSync(file(converted[0]!).fsPath, "utf8"), /dim: 32 dim: 32/);
      assert.ok(!exists(converted[1]!));
      remove(...converted);
    });

    test("says what is wrong with a net that has an error, and writes nothing", async () => {
      const said: string[] = [];
      await openFile("broken.prototxt");
      await answering({ showErrorMessage: (message: string) => { said.push(message); } }, () => vscode.commands.executeCommand("netsurgeon.convert", file("broken.prototxt")));
      assert.match(said.join(), /Line \d+: .*strid/);
      assert.ok(!exists("broken_full.prototxt"));
    });
  });

  suite("other commands", () => {
    test("export to ONNX: a model that reads back, where the dialog says", async () => {
      const out = file("nuclei32/exported.onnx");
      await openFile(sample);
      await answering({ showQuickPick: pick("nuclei32.caffemodel", "As it is"), showSaveDialog: () => out }, () => vscode.commands.executeCommand("netsurgeon.exportOnnx", file(sample)));
      assert.ok((await readOnnxFile(out.fsPath)).graph.nodes.length > 10);
      remove("nuclei32/exported.onnx");
    });

    test("upgrade: the old format becomes the current one in the editor, in one step to undo", async () => {
      const { document } = await openFile("old.prototxt");
      const before = document.getText();
      assert.strictEqual(await vscode.commands.executeCommand("netsurgeon.upgrade", document.uri), true);
      assert.match(document.getText(), /layer \{[^]*type: "Convolution"/);
      assert.doesNotMatch(document.getText(), /layers/);
      await vscode.commands.executeCommand("undo");
      assert.strictEqual(document.getText(), before);
      await revert(document);
    });

    test("check weights: a model of the same net, and one of another", async () => {
      const check = async (net: string): Promise<string> => {
        await openFile(net);
        const answers = { showQuickPick: pick("Choose"), showOpenDialog: () => [file("nuclei32/nuclei32.caffemodel")] };
        return (await answering(answers, () => vscode.commands.executeCommand<{ verdict: string }>("netsurgeon.checkWeights", file(net)))).verdict;
      };
      assert.strictEqual(await check(sample), "same net");
      assert.strictEqual(await check("branches.prototxt"), "different nets");
    });

    test("show shapes and costs: a table that follows the net", async () => {
      const { document } = await openFile(sample);
      const uri = await vscode.commands.executeCommand<vscode.Uri>("netsurgeon.showShapes", document.uri);
      const table = await vscode.workspace.openTextDocument(uri);
      assert.match(table.getText(), /\| conv1 \| Convolution \|/);
      const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
      await editor.edit((edit) => { edit.insert(placeOf(document, "num_output: 32", 14), "0"); });
      await eventually(vscode.workspace.onDidChangeTextDocument, () => (/conv1 .* 320 x /.test(table.getText()) ? true : undefined));
      await revert(document);
    });

    test("restart the language server: it answers again, and finds again what it found", async () => {
      const { document } = await openFile("broken.prototxt");
      await diagnosed(document, (all) => all.length > 0);
      await vscode.commands.executeCommand("netsurgeon.restartServer");
      await diagnosed(document, (all) => all.length > 0);
      assert.ok((await executed<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, placeOf(document, "kernel_size", 1))).length > 0);
      assert.strictEqual(extension().isActive, true);
    });
  });
}

/** Progress whose Cancel is pressed at once. */
function cancelledProgress<T>(_options: unknown, work: (progress: unknown, token: vscode.CancellationToken) => Thenable<T>): Thenable<T> {
  const source = new vscode.CancellationTokenSource();
  source.cancel();
  return work({ report: () => undefined }, source.token);
}
