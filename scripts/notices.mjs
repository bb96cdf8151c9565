// Writes THIRD-PARTY-NOTICES.txt: the licences of what the packages hold that others wrote, that is, what is bundled into dist/ and
// what is installed beside it. `--check` only compares, and fails where the file is out of date or a licence is not permissive.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { protoFiles } from "./proto.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const target = "THIRD-PARTY-NOTICES.txt";
const permissive = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "BlueOak-1.0.0", "Unlicense", "CC0-1.0"];

const entries = ["src/cli/main.ts", "src/inference/process.ts", "src/preview/worker.ts", "client/extension.ts", "server/main.ts", "webview/main.ts"].filter(existsSync);
const { metafile } = await esbuild.build({
  entryPoints: entries, bundle: true, write: false, outdir: "x", metafile: true, platform: "node", format: "cjs", loader: { ".css": "text" }, plugins: [protoFiles], external: ["vscode", "onnxruntime-node"], logLevel: "error",
});
const bundled = Object.keys(metafile.inputs).flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
const packages = [...new Set([...bundled, ...installed("onnxruntime-node")])].sort().map(describe);

const refused = packages.filter(({ licence }) => !licence.split(/ OR | AND |[()]/).filter(Boolean).every((one) => permissive.includes(one.trim())));
const text = `Net Surgeon contains or installs these packages of others.\n${packages.map(({ name, version, licence, words }) => `\n${"-".repeat(80)}\n${name} ${version} (${licence})\n\n${words}\n`).join("")}`;
if (refused.length > 0) {
  console.error(`not permissive, or not known: ${refused.map(({ name, licence }) => `${name} (${licence})`).join(", ")}`);
  process.exitCode = 1;
} else if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
  console.log(`${target}: ${packages.map(({ name, licence }) => `${name} (${licence})`).join(", ")}`);
} else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  console.error(`${target} is out of date: run node scripts/notices.mjs`);
  process.exitCode = 1;
} else console.log(`${packages.length} packages of others, all under permissive licences`);

/** A package that is installed at run time, with all that it brings. */
function installed(name, seen = new Set()) {
  const folder = `node_modules/${name}`;
  if (seen.has(folder) || !existsSync(folder)) return [...seen];
  seen.add(folder);
  for (const dependency of Object.keys(JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).dependencies ?? {})) installed(dependency, seen);
  return [...seen];
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry));
  const words = file === undefined ? "(The package holds no text of its licence.)" : readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  return { name, version, licence: license ?? "unknown", words };
}
