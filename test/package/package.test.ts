import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { version } from "../../package.json";
import { checkGolden } from "../support/annotations.ts";
import { filesIn, platformOf } from "./vsix.ts";

const root = join(import.meta.dirname, "../..");
const sample = join(root, "samples/nuclei32");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netsurgeon-package-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function golden(name: string): string {
  return join(root, "test/fixtures/package", name);
}

function filesOf(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return `${files.map((entry) => relative(path, join(entry.parentPath, entry.name))).sort().join("\n")}\n`;
}

/** Runs a packed command line on the sample, from a folder that knows nothing of this one. */
function checkSegments(cli: string): void {
  const net = ["--net", join(sample, "deploy.prototxt"), "--weights", join(sample, "nuclei32.caffemodel"), "--mean", join(sample, "mean.binaryproto")];
  const args = [cli, "segment", join(sample, "tissue-301x257.png"), ...net, "--method", "simple", "--provider", "cpu", "--json", "--force"];
  const [result] = JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" })) as { width: number; height: number }[];
  expect(result).toMatchObject({ width: 301, height: 257 });
}

describe("the extension for each platform", () => {
  const targets = { "linux-x64": 2, "linux-arm64": 2, "win32-x64": 5, "win32-arm64": 5, "darwin-arm64": 2, universal: 0 };

  test.each(Object.entries(targets))("%s: the manifest names it, and all that is native in it runs there", (target, natives) => {
    execFileSync(process.execPath, [join(root, "scripts/package.mjs"), target]);
    const vsix = join(root, "build", `netsurgeon-${target}-${version}.vsix`);
    if (target === "linux-x64") expect(statSync(vsix).size).toBeLessThan(22e6);
    const files = filesIn(vsix);
    const manifest = files.get("extension.vsixmanifest")!.toString();
    expect(/TargetPlatform="([^"]*)"/.exec(manifest)?.[1]).toBe(target === "universal" ? undefined : target);
    const platforms = [...files.values()].flatMap((bytes) => platformOf(bytes) ?? []);
    expect(platforms).toEqual(Array.from({ length: natives }, () => target));
    // A binding is loaded by its name; that it is a native file is all that its name says.
    const named = [...files.keys()].filter((path) => /\.(node|so(\.\d+)*|dll|dylib)$/.test(path));
    expect(named.length).toBe(natives);
    const { dependencies } = JSON.parse(files.get("extension/package.json")!.toString()) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(natives === 0 ? [] : ["onnxruntime-node"]);
    if (target === "linux-x64" && process.platform === "linux" && process.arch === "x64") {
      checkGolden(golden("linux-x64.txt"), filesOf(join(root, "build/stage")));
      checkSegments(join(root, "build/stage/dist/cli.cjs"));
    }
    const common = ["extension/dist/client.cjs", "extension/dist/server.cjs", "extension/dist/cli.cjs", "extension/docs/rules.md", "extension/docs/walkthrough/open.svg", "extension/samples/nuclei32/deploy.prototxt"];
    expect(common.filter((path) => !files.has(path))).toEqual([]);
  }, 300_000);
});

describe("the npm package", () => {
  test("holds what its list names, and its command line runs", () => {
    // npm is a script of its own on every platform: npm_execpath where npm runs the tests.
    const npm = process.env["npm_execpath"];
    const [command, args] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
    const packed = execFileSync(command, [...args, "pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root, encoding: "utf8" });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder]);
    const unpacked = join(folder, "package");
    checkGolden(golden("npm.txt"), filesOf(unpacked));
    const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8")) as { bin: { netsurgeon: string }; dependencies: Record<string, string> };
    expect(Object.keys(manifest.dependencies)).toEqual(["onnxruntime-node"]);
    cpSync(join(unpacked, "package.json"), join(folder, "package.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    checkSegments(join(unpacked, manifest.bin.netsurgeon));
  });
});
