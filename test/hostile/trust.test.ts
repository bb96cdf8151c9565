import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { analyze } from "../../src/ide/analysis.ts";
import { pathsIn } from "../../src/ide/links.ts";
import manifest from "../../package.json" with { type: "json" };
import words from "../../package.nls.json" with { type: "json" };

const root = join(import.meta.dirname, "../..");

/** The sources of the programs, by path. */
const sources = ["src", "server", "client", "webview"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(root, path), "utf8") }));

/** Expects `pattern` in no source but these. */
function checkOnlyIn(pattern: RegExp, allowed: readonly string[]): void {
  expect(sources.length).toBeGreaterThan(200);
  expect(sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path).sort()).toEqual([...allowed].sort());
}

test("nothing speaks to the network, and nothing is reported to anybody", () => {
  checkOnlyIn(/(from|import\(|require\() ?["'](node:)?(https?|http2|net|tls|dgram|dns)(\/promises)?["']|\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\b|\bsendBeacon\b|\bTelemetry/, []);
});

test("no text is run as code or by a shell", () => {
  checkOnlyIn(/\beval\(|new Function\(|from ["'](node:)?vm["']|shell: ?true|(?<!\.)\bexec(File)?(Sync)?\(/, []);
});

test("other programs are started in two places: processes of ours, and an export that the user asked for", () => {
  checkOnlyIn(/["'](node:)?child_process["']/, ["client/commands/export-onnx.ts", "src/inference/child.ts"]);
});

test("in a workspace that is not trusted, no setting of it leads to a file and no command reads or writes one", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  expect(supported).toBe("limited");
  const settings = Object.entries(manifest.contributes.configuration.properties);
  const paths = settings.filter(([, setting]) => /relative to|path|folder/i.test(words[setting.markdownDescription.replaceAll("%", "") as keyof typeof words])).map(([name]) => name);
  expect(paths.length).toBeGreaterThan(0);
  expect(restrictedConfigurations).toEqual(expect.arrayContaining(paths));
  const harmless = ["netsurgeon.upgrade", "netsurgeon.showShapes", "netsurgeon.restartServer", "netsurgeon.showLog"];
  const open = manifest.contributes.commands.filter((command) => !("enablement" in command && command.enablement.includes("isWorkspaceTrusted"))).map(({ command }) => command);
  expect(open.filter((command) => !harmless.includes(command))).toEqual([]);
});

test("what a text names is only looked for: the language server reads models and nets of the workspace, and no other file", () => {
  const readers = sources.filter(({ path, text }) => path.startsWith("server/") && /\b(readFile|readFileSync|createReadStream|openWeights|open|openSync)\(/.test(text)).map(({ path }) => path);
  expect(readers.sort()).toEqual(["server/features/commands.ts", "server/features/convert-command.ts", "server/features/workspace-symbol.ts", "server/weights.ts"]);
});

test("a path that names another machine is not looked for", () => {
  const text = ['# weights: \\\\host\\share\\net.caffemodel', 'layer { name: "a" type: "Data" top: "a" data_param { source: "//host/share/lmdb" } transform_param { mean_file: "mean.binaryproto" } }'].join("\n");
  const paths = pathsIn(analyze(text)).map(({ path }) => path);
  expect(paths).toEqual(["mean.binaryproto"]);
});
