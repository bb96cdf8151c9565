import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Diagnostic } from "vscode-languageserver/node";
import { checkMarks, textIn, type Mark } from "./check.ts";
import { startEditor } from "./client.ts";

const severities = ["", "error", "warning", "information", "hint"];

/** A finding as it is written under its line: what the editor shows, the other places it speaks of, and how it is drawn. */
function shown(text: string, { severity, code, message, range, relatedInformation = [], tags = [], source, codeDescription }: Diagnostic): Mark {
  expect(source).toBe("netsurgeon");
  expect(codeDescription).toEqual({ href: `file:///rules.md#${code as string}` });
  const drawn = tags.map((tag) => ` (${["", "unnecessary", "deprecated"][tag]!})`).join("");
  return { range, label: [`${severities[severity!]!}[${code!}]${drawn}: ${message as string}`, ...relatedInformation.map(({ location, message: remark }) => `at ${textIn(text, location.range)}: ${remark}`)].join("\n") };
}

describe("everything the engine knows, where it is", () => {
  checkMarks("diagnostics", async ({ editor, uri, text }) => (await editor.change(uri, 2, text)).map((found) => shown(text, found)));
});

describe("settings", () => {
  const padded = 'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\nlayer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 2 kernel_size: 3 pad: 1 } }\nlayer { name: "fc" type: "InnerProduct" bottom: "c" top: "fc" inner_product_param { num_output: 2 } }\n';
  const growing = padded.replace(/layer \{ name: "fc".*\n/, "");
  async function checkSettings(text: string, settings: unknown, expected: readonly string[]): Promise<void> {
    const editor = await startEditor(settings);
    const found = await editor.open("file:///nowhere/settings.prototxt", text);
    expect(found.map(({ severity, code }) => `${severities[severity!]!} ${code!}`)).toEqual(expected);
    editor.close();
  }
  test.each<[string, string, unknown, string[]]>([
    ["as they come", padded, {}, ["warning padding", "hint inner-product"]],
    ["pixelwise auto leaves out a net that is no patch classifier", growing, { pixelwise: "auto" }, []],
    ["pixelwise on looks at every net", growing, { pixelwise: "on" }, ["warning padding"]],
    ["pixelwise off looks at none", padded, { pixelwise: "off" }, []],
    ["severities by rule", padded, { rules: { padding: "error", "inner-product": "off" } }, ["error padding"]],
    ["severities of what the schema refuses", 'layer { nme: "x" }', { rules: { "unknown-field": "hint", "unknown-layer-type": "off" } }, ["hint unknown-field"]],
    ["nonsense is as if not given", padded, { rules: { padding: "loud" }, pixelwise: 3, customLayers: [] }, ["warning padding", "hint inner-product"]],
    ["the phase", 'layer { name: "l" type: "ReLU" bottom: "x" top: "y" include { phase: TRAIN } }', { phase: "train" }, ["error unknown-bottom"]],
    ["the other phase", 'layer { name: "l" type: "ReLU" bottom: "x" top: "y" include { phase: TRAIN } }', { phase: "test" }, []],
    ["layer types of one's own", 'input: "d" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\nlayer { name: "l" type: "Mine" bottom: "d" top: "y" }', { customLayers: { Mine: { like: "ReLU" } }, pixelwise: "off" }, []],
    ["limits", padded, { limits: { layers: 1 } }, ["error too-many-layers"]],
  ])("%s", async (_, text, settings, expected) => checkSettings(text, settings, expected));

  test("a change of settings looks at open texts again", async () => {
    const settings = { rules: {} as Record<string, string> };
    const editor = await startEditor(settings);
    const uri = "file:///nowhere/settings.prototxt";
    expect((await editor.open(uri, padded)).length).toBe(2);
    settings.rules = { padding: "off", "inner-product": "off" };
    const anew = editor.diagnostics(uri);
    await editor.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    expect((await anew).diagnostics).toEqual([]);
    editor.close();
  });

  test("closing a text takes its findings away", async () => {
    const editor = await startEditor();
    const uri = "file:///nowhere/closed.prototxt";
    await editor.open(uri, padded);
    const last = editor.diagnostics(uri);
    await editor.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    expect((await last).diagnostics).toEqual([]);
    editor.close();
  });
});

describe("weights beside the net are compared with it in the background", () => {
  const folder = mkdtempSync(join(tmpdir(), "netsurgeon-lsp-"));
  afterAll(() => { rmSync(folder, { recursive: true }); });
  const sample = join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel");
  const net = (top: string): string => `${top}input: "data"\ninput_shape { dim: 1 dim: 3 dim: 32 dim: 32 }\nlayer { name: "conv1" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 16 kernel_size: 3 } }\n`;

  async function checkWeights(name: string, text: string, settings: object, folders: string[] = []): Promise<string[]> {
    const editor = await startEditor({ pixelwise: "off", ...settings }, { folders });
    const uri = pathToFileURL(join(folder, name)).href;
    const withWeights = editor.diagnostics(uri, ({ diagnostics }) => diagnostics.some(({ code }) => String(code).startsWith("weights")));
    await editor.open(uri, text);
    const { diagnostics } = await withWeights;
    expect(editor.errors).toEqual([]);
    editor.close();
    return [...new Set(diagnostics.map(({ severity, code, range }) => `${severities[severity!]!} ${code!} ${textIn(text, range)}`))];
  }

  test("a model of the same name", async () => {
    copyFileSync(sample, join(folder, "same.caffemodel"));
    expect(await checkWeights("same.prototxt", net(""), {})).toEqual(['error weights-mismatch "conv1"', "information weights-unused input"]);
  });
  test("a model that the setting names", async () => {
    copyFileSync(sample, join(folder, "named.model"));
    expect(await checkWeights("net.prototxt", net(""), { weights: "named.model" })).toContain('error weights-mismatch "conv1"');
  });
  test("a model that a comment names", async () => {
    expect(await checkWeights("net.prototxt", net("# weights: named.model\n"), {})).toContain('error weights-mismatch "conv1"');
  });
  test("a model that is not there is said at the comment", async () => {
    expect(await checkWeights("net.prototxt", net("# weights: none.caffemodel\n"), {})).toEqual(["warning weights-unreadable none.caffemodel"]);
  });
  test("a model outside the net's folder and the workspace is not read because a comment names it", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "netsurgeon-elsewhere-"));
    const model = join(elsewhere, "named.caffemodel");
    copyFileSync(sample, model);
    symlinkSync(model, join(folder, "link.caffemodel"));
    const refused = (path: string): string[] => [`information weights-outside ${path}`];
    const comment = (path: string): string => net(`# weights: ${path}\n`);
    expect(await checkWeights("net.prototxt", comment(model), {})).toEqual(refused(model));
    expect(await checkWeights("net.prototxt", comment(relative(folder, model)), {})).toEqual(refused(relative(folder, model)));
    expect(await checkWeights("net.prototxt", comment("link.caffemodel"), {})).toEqual(refused("link.caffemodel"));
    expect(await checkWeights("net.prototxt", comment(model), { rules: { "weights-outside": "hint" } })).toEqual([`hint weights-outside ${model}`]);
    // The user's own word has it read.
    expect(await checkWeights("net.prototxt", comment(model), {}, [pathToFileURL(elsewhere).href])).toContain('error weights-mismatch "conv1"');
    expect(await checkWeights("net.prototxt", comment(model), { weights: model })).toContain('error weights-mismatch "conv1"');
    rmSync(elsewhere, { recursive: true });
    rmSync(join(folder, "link.caffemodel"));
  });
  test("a file that is no model", async () => {
    writeFileSync(join(folder, "bad.caffemodel"), "this is no model");
    expect(await checkWeights("bad.prototxt", net(""), {})).toEqual(["warning weights-unreadable input"]);
  });
  test("severities and comments hold for them too", async () => {
    expect(await checkWeights("same.prototxt", net("# netsurgeon-disable weights-unused\n"), { rules: { "weights-mismatch": "hint" } })).toEqual(['hint weights-mismatch "conv1"']);
  });
});
