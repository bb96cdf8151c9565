import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { CancellationTokenSource, type CompletionList, type Hover, type InlayHint } from "vscode-languageserver/node";
import type { ConvertResult, NetFacts, Status, UpgradeResult, WeightsResult } from "../../server/protocol.ts";
import { opened } from "./check.ts";
import { startEditor } from "./client.ts";

const sampleFolder = join(import.meta.dirname, "../../samples/nuclei32");
const sample = readFileSync(join(sampleFolder, "deploy.prototxt"), "utf8");
const whole = { range: { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } } };

describe("a server that lives", () => {
  test("a defect in one request is answered with an error and logged; the next is answered", async () => {
    const editor = await startEditor();
    const { ask } = await opened(sample, editor);
    // A request without a position is nothing that an editor sends: the feature throws.
    await expect(ask("hover", { position: undefined })).rejects.toThrow("Net Surgeon could not answer 'hover'; its log says why.");
    await expect(ask("rename", { position: null, newName: 1 })).rejects.toThrow("could not answer 'rename'");
    expect(editor.errors.map((error) => error.split(":")[0])).toEqual(["hover", "rename"]);
    expect(await ask<Hover>("hover", { position: { line: 12, character: 8 } })).toMatchObject({ contents: { kind: "markdown" } });
    editor.close();
  });

  test("a stale request is cancelled and not worked on", async () => {
    const editor = await startEditor();
    const { uri } = await opened(sample, editor);
    const source = new CancellationTokenSource();
    const asked = editor.connection.sendRequest("textDocument/inlayHint", { textDocument: { uri }, ...whole }, source.token);
    source.cancel();
    await expect(asked).rejects.toMatchObject({ code: -32800 });
    expect(editor.errors).toEqual([]);
    editor.close();
  });

  test("requests about a text that is not open have empty answers", async () => {
    const editor = await startEditor();
    const ask = (method: string, params: object = {}): Promise<unknown> => editor.request(`textDocument/${method}`, { textDocument: { uri: "file:///none" }, position: { line: 0, character: 0 }, ...params });
    for (const method of ["hover", "completion", "prepareRename", "prepareCallHierarchy"]) expect(await ask(method)).toBeNull();
    for (const method of ["definition", "documentHighlight", "documentSymbol", "foldingRange", "codeLens", "documentLink"]) expect(await ask(method)).toEqual([]);
    expect(await ask("inlayHint", whole)).toEqual([]);
    expect(editor.errors).toEqual([]);
    editor.close();
  });

  test("edits one after the other are each seen, and what is asked between them is answered", async () => {
    const editor = await startEditor();
    const { uri, text, ask } = await opened(sample, editor);
    const lines = text.split("\n");
    const line = lines.findIndex((content) => content.includes("num_output"));
    const asked: Promise<unknown>[] = [];
    for (let version = 2; version < 40; version++) {
      const character = lines[line]!.indexOf(":") + 2;
      void editor.connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range: { start: { line, character }, end: { line, character: 99 } }, text: version % 3 === 0 ? "{" : String(version) }] });
      asked.push(ask("hover", { position: { line, character: 6 } }), ask("inlayHint", whole), ask("completion", { position: { line, character } }), ask("semanticTokens/full"), ask("codeAction", { ...whole, context: { diagnostics: [] } }));
    }
    await Promise.all(asked);
    await editor.change(uri, 40, text);
    expect((await ask<InlayHint[]>("inlayHint", whole)).map(({ label }) => label)).toContain("32 x 14 x 14");
    expect(editor.errors).toEqual([]);
    editor.close();
  });

  test("half-typed text keeps shapes and completion above and below", async () => {
    const editor = await startEditor();
    for (const typed of ["layer {", "layer { name: ", 'layer {\n  name: "', "layer {\n  convolution_param {", "}", '"', "pooling_param <", "lay", "[", "layer { top: [\n"]) {
      const broken = sample.replace("layer {\n  name: \"pool1\"", `${typed}\nlayer {\n  name: "pool1"`);
      expect(broken).not.toBe(sample);
      const { ask, text } = await opened(broken, editor);
      const labels = (await ask<InlayHint[]>("inlayHint", whole)).map(({ label }) => label);
      expect(labels, typed).toEqual(expect.arrayContaining(["32 x 30 x 30", "32 x 14 x 14", "32 x 12 x 12", "32 x 6 x 6"]));
      const line = text.split("\n").findIndex((content) => content.includes('name: "pool2"')) + 1;
      const fields = await ask<CompletionList>("completion", { position: { line, character: 2 } });
      expect(fields.items.map(({ label }) => label), typed).toContain("loss_weight");
    }
    editor.close();
  });
});

describe("what the editor's commands ask", () => {
  const folder = mkdtempSync(join(tmpdir(), "netsurgeon-commands-"));
  afterAll(() => { rmSync(folder, { recursive: true }); });
  const net = join(folder, "deploy.prototxt");
  const model = join(folder, "deploy.caffemodel");
  writeFileSync(net, sample);
  copyFileSync(join(sampleFolder, "nuclei32.caffemodel"), model);
  const uri = pathToFileURL(net).href;

  test("status: what can be done with a text", async () => {
    const editor = await startEditor();
    const status = editor.notification<Status>("netsurgeon/status");
    await editor.open(uri, sample);
    expect(await status).toEqual({ uri, version: 1, isNet: true, canConvert: true, isLegacy: true });
    editor.close();
  });

  test("the facts that a conversion is asked with", async () => {
    const editor = await startEditor();
    await editor.open(uri, sample);
    expect(await editor.request<NetFacts>("netsurgeon/net", { uri })).toEqual({ patch: [32, 32], weights: model, canConvert: true });
    await editor.change(uri, 2, sample.replace('"conv1"', '"conv1'));
    expect((await editor.request<NetFacts>("netsurgeon/net", { uri })).error).toMatch(/^Line \d+: the string is not closed/);
    editor.close();
  });

  test("convert: text and model into new files, never over others, while the user types", async () => {
    const editor = await startEditor();
    await editor.open(uri, sample);
    const params = { uri, imageSize: [100, 80], weights: model, out: join(folder, "full.prototxt"), outWeights: join(folder, "full.caffemodel"), overwrite: false };
    const asked = editor.request<ConvertResult>("netsurgeon/convert", params);
    await editor.change(uri, 2, `${sample}\n# more`);
    const result = await asked;
    expect("done" in result && result.done).toEqual(["fc6 -> fc6-conv: 64 x 1152 -> 64 x 32 x 6 x 6", "fc7 -> fc7-conv: 64 x 64 -> 64 x 64 x 1 x 1", "fc8 -> fc8-conv: 2 x 64 -> 2 x 64 x 1 x 1"]);
    expect(readFileSync(params.out, "utf8")).toContain("dim: 132 dim: 112");
    expect(existsSync(params.outWeights)).toBe(true);
    expect(await editor.request("netsurgeon/convert", params)).toEqual({ refused: `${params.out} exists already.` });
    expect(await editor.request("netsurgeon/convert", { ...params, overwrite: true, out: net })).toEqual({ refused: `${net} is what is converted; it is not overwritten.` });
    expect(editor.errors).toEqual([]);
    editor.close();
  });

  test("of several nets and models in a folder, those belong together whose layers are the same", async () => {
    const several = join(folder, "several");
    mkdirSync(several);
    const text = readFileSync(join(folder, "full.prototxt"), "utf8");
    for (const [name, content] of [["patch.prototxt", sample], ["image.prototxt", text]] as const) writeFileSync(join(several, name), content);
    copyFileSync(model, join(several, "a.caffemodel"));
    copyFileSync(join(folder, "full.caffemodel"), join(several, "b.caffemodel"));
    const editor = await startEditor();
    const modelOf = async (name: string, content: string): Promise<string | undefined> => {
      const uriOf = pathToFileURL(join(several, name)).href;
      await editor.open(uriOf, content);
      return (await editor.request<NetFacts>("netsurgeon/net", { uri: uriOf })).weights;
    };
    expect([await modelOf("patch.prototxt", sample), await modelOf("image.prototxt", text)]).toEqual([join(several, "a.caffemodel"), join(several, "b.caffemodel")]);
    copyFileSync(model, join(several, "c.caffemodel"));
    expect([await modelOf("again.prototxt", sample), await modelOf("image.prototxt", text)]).toEqual([undefined, join(several, "b.caffemodel")]);
    editor.close();
  });

  test("upgrade, weights and shapes", async () => {
    const editor = await startEditor();
    await editor.open(uri, sample);
    expect(await editor.request<UpgradeResult>("netsurgeon/upgrade", { uri })).toMatchObject({ text: expect.stringContaining('type: "Input"') as string });
    expect(await editor.request<WeightsResult>("netsurgeon/checkWeights", { uri, weights: model })).toEqual({ weights: model, verdict: "same net", findings: [] });
    expect(await editor.request<string>("netsurgeon/shapes", { uri })).toContain("| conv1 | Convolution | 1 x 32 x 30 x 30 |");
    await expect(editor.request("netsurgeon/checkWeights", { uri, weights: join(folder, "none.caffemodel") })).rejects.toThrow("none.caffemodel");
    await expect(editor.request("netsurgeon/shapes", { uri: "file:///none" })).rejects.toThrow("The file is not open.");
    editor.close();
  });

  test("where nothing is trusted, nothing is written", async () => {
    const editor = await startEditor({}, { trusted: false });
    await editor.open(uri, sample);
    const out = join(folder, "untrusted.prototxt");
    expect(await editor.request("netsurgeon/convert", { uri, out, overwrite: true })).toEqual({ refused: "In a workspace that is not trusted, nothing is written." });
    expect(existsSync(out)).toBe(false);
    editor.close();
  });
});
