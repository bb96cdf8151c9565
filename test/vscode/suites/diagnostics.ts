import * as assert from "node:assert";
import { suite, test } from "mocha";
import * as vscode from "vscode";
import { diagnosed, executed, openFile, placeOf, replaceText, revert } from "./support.ts";

const codeOf = ({ code }: vscode.Diagnostic): string => String(typeof code === "object" ? code.value : code);

export function diagnostics(): void {
  suite("diagnostics", () => {
    test("of the sample: nothing but hints", async () => {
      const { document } = await openFile("nuclei32/deploy.prototxt");
      const found = await diagnosed(document, (all) => all.length > 0);
      assert.deepStrictEqual([...new Set(found.map(codeOf))], ["inner-product"]);
      assert.ok(found.every(({ severity }) => severity === vscode.DiagnosticSeverity.Hint));
    });

    test("of a broken net: where, what, what to do, and the rule to read", async () => {
      const { document } = await openFile("broken.prototxt");
      const found = await diagnosed(document, (all) => all.length >= 2);
      const errors = found.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
      assert.deepStrictEqual(errors.map((d) => [codeOf(d), document.getText(d.range)]), [["unknown-field", "strid"], ["unknown-bottom", '"pol1"']]);
      assert.match(errors[1]!.message, /Did you mean 'pool1'\?/);
      for (const { code, source } of errors) {
        assert.strictEqual(source, "netsurgeon");
        assert.match(typeof code === "object" ? code.target.toString(true) : "", /docs\/rules\.md#unknown-(?:field|bottom)$/);
      }
    });

    test("a quick fix mends it, and the finding goes", async () => {
      const { document } = await openFile("broken.prototxt");
      await diagnosed(document, (all) => all.some((d) => codeOf(d) === "unknown-bottom"));
      const place = placeOf(document, '"pol1"', 1);
      const actions = await executed<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, new vscode.Range(place, place), vscode.CodeActionKind.QuickFix.value);
      const fix = actions.find(({ isPreferred, edit }) => isPreferred === true && edit !== undefined);
      assert.ok(fix, `no preferred fix among ${actions.map(({ title }) => title).join(", ")}`);
      assert.ok(await vscode.workspace.applyEdit(fix.edit!));
      assert.match(document.getText(), /bottom: "pool1"/);
      await diagnosed(document, (all) => all.every((d) => codeOf(d) !== "unknown-bottom"));
      await revert(document);
    });

    test("a setting changes a severity, and a comment silences a line", async () => {
      const { document } = await openFile("broken.prototxt");
      const isField = (d: vscode.Diagnostic): boolean => codeOf(d) === "unknown-field";
      await diagnosed(document, (all) => all.some(isField));
      const settings = vscode.workspace.getConfiguration("netsurgeon", document.uri);
      await settings.update("rules", { "unknown-field": "warning" }, vscode.ConfigurationTarget.Workspace);
      await diagnosed(document, (all) => all.some((d) => isField(d) && d.severity === vscode.DiagnosticSeverity.Warning));
      await settings.update("rules", undefined, vscode.ConfigurationTarget.Workspace);
      await diagnosed(document, (all) => all.some((d) => isField(d) && d.severity === vscode.DiagnosticSeverity.Error));
      await replaceText(document, "strid: 2 }", "strid: 2 } # netsurgeon-disable-line unknown-field");
      await diagnosed(document, (all) => !all.some(isField));
      await revert(document);
    });
  });
}
