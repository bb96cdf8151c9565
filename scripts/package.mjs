// Packs the extension: one .vsix per platform with onnxruntime for it, and one for all others without (language features and the command line).
//   node scripts/package.mjs [TARGET…]      TARGET: linux-x64, win32-arm64, … or universal; left out, all of them
// Each package is laid out anew in build/stage from the lists below, so that nothing gets in by chance; the result is build/netsurgeon-TARGET-VERSION.vsix.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** What each platform needs of onnxruntime-node's libraries. */
const libraries = {
  "linux-x64": ["libonnxruntime.so.1", "onnxruntime_binding.node"],
  "linux-arm64": ["libonnxruntime.so.1", "onnxruntime_binding.node"],
  "win32-x64": ["DirectML.dll", "dxcompiler.dll", "dxil.dll", "onnxruntime.dll", "onnxruntime_binding.node"],
  "win32-arm64": ["DirectML.dll", "dxcompiler.dll", "dxil.dll", "onnxruntime.dll", "onnxruntime_binding.node"],
  // The second, numbered copy of the library is not loaded.
  "darwin-arm64": ["libonnxruntime.1.dylib", "onnxruntime_binding.node"],
};
const targets = [...Object.keys(libraries), "universal"];

/** What every package holds, beside dist/ (built for it) and package.json. Folders are taken whole. */
const contents = [
  "README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.txt",
  "package.nls.json", "l10n", "media", "syntaxes", "docs/rules.md", "docs/walkthrough", "samples/nuclei32",
];
/** Where onnxruntime-node's installer has something to install: the CUDA libraries. */
const installer = "linux-x64";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

function stage(target) {
  const folder = "build/stage";
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of contents) if (existsSync(path)) cpSync(path, join(folder, path), { recursive: true });
  execFileSync(process.execPath, ["scripts/build.mjs", "--production", `--outdir=${folder}/dist`], { stdio: "inherit" });
  const dependencies = target === "universal" ? {} : manifest.dependencies;
  const packed = { ...manifest, dependencies, files: undefined, devDependencies: undefined, scripts: undefined, allowScripts: undefined };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
  if (target !== "universal") stageRuntime(folder, target);
  return folder;
}

/** onnxruntime-node for one platform: its code, the libraries that are loaded, and what it requires. */
function stageRuntime(folder, target) {
  const [platform, architecture] = target.split("-");
  const bin = `bin/napi-v6/${platform}/${architecture}`;
  const common = "node_modules/onnxruntime-common";
  const runtime = "node_modules/onnxruntime-node";
  stageCode(folder, common, "dist/cjs");
  stageCode(folder, runtime, "dist");
  for (const name of libraries[target]) cpSync(join(runtime, bin, name), join(folder, runtime, bin, name));
  // It downloads the CUDA libraries when the user asks for that; its packages go into the one file.
  if (target === installer) buildSync({ entryPoints: [join(runtime, "script/install.js")], outfile: join(folder, runtime, "script/install.js"), bundle: true, platform: "node", minify: true });
  for (const name of [common, runtime]) {
    const { version, license, main, exports, type } = JSON.parse(readFileSync(join(name, "package.json"), "utf8"));
    const dependencies = name === runtime ? { "onnxruntime-common": version } : {};
    writeFileSync(join(folder, name, "package.json"), JSON.stringify({ name: basename(name), version, license, type, main, exports, dependencies }, null, 2));
  }
}

function stageCode(folder, name, path) {
  cpSync(join(name, path), join(folder, name, path), { recursive: true, filter: (from) => !/\.(map|ts)$/.test(from) });
}

function pack(target) {
  const folder = stage(target);
  const out = join("build", `netsurgeon-${target}-${manifest.version}.vsix`);
  const args = ["package", ...(target === "universal" ? [] : ["--target", target]), "--out", join("..", "..", out), "--allow-missing-repository", "--no-rewrite-relative-links"];
  execFileSync(process.execPath, [fileURLToPath(new URL("../node_modules/@vscode/vsce/vsce", import.meta.url)), ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const count = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  console.log(`${out}  ${(statSync(out).size / 1e6).toFixed(1)} MB, ${count} files`);
}

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const unknown = wanted.filter((target) => !targets.includes(target));
if (unknown.length > 0) {
  console.error(`package: no target ${unknown.join(", ")}; there are ${targets.join(", ")}.`);
  process.exit(2);
}
for (const target of wanted.length > 0 ? wanted : targets) pack(target);
