// Bundles the programs into dist/: `node scripts/build.mjs [--watch] [--production] [--outdir=FOLDER]`. --production: small, without source maps.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { protoFiles } from "./proto.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");
const outdir = process.argv.find((arg) => arg.startsWith("--outdir="))?.slice("--outdir=".length) ?? "dist";

/** What is built from what, and which packages stay outside because they are native or given by the editor. */
const programs = [
  { from: "src/cli/main.ts", to: "cli.cjs", external: [], banner: "#!/usr/bin/env node" },
  { from: "src/inference/process.ts", to: "inference.cjs", external: ["onnxruntime-node"] },
  { from: "src/preview/process.ts", to: "preview.cjs", external: [] },
  { from: "client/extension.ts", to: "client.cjs", external: ["vscode"], apart: "language-client" },
  { from: "client/language-client.ts", to: "language-client.cjs", external: ["vscode"] },
  { from: "server/main.ts", to: "server.cjs", external: [] },
  { from: "webview/main.ts", to: "webview.js", external: [], browser: true },
  { from: "webview/style.css", to: "webview.css", external: [], browser: true },
];

/** Leaves a module out that is a program of its own: it is loaded when it is needed, and not when the program that imports it starts. */
function leavesOut(module) {
  return {
    name: "apart",
    setup: ({ onResolve }) => { onResolve({ filter: new RegExp(`/${module}\\.ts$`) }, ({ kind }) => (kind === "entry-point" ? undefined : { path: `./${module}.cjs`, external: true })); },
  };
}

const options = programs
  .filter(({ from }) => existsSync(`${root}${from}`))
  .map(({ from, to, external, banner, browser, apart }) => ({
    absWorkingDir: root,
    entryPoints: [from],
    outfile: `${outdir}/${to}`,
    bundle: true,
    // Webviews are Chromium: 132 in VS Code 1.99 (Electron 34).
    ...(browser ? { format: "iife", platform: "browser", target: "chrome132" } : { format: "cjs", platform: "node", target: "node20" }),
    sourcemap: !production,
    minify: production,
    legalComments: "none",
    external,
    // VS Code gives its API to what is required, so that is how the other program is loaded.
    plugins: [protoFiles, ...(apart === undefined ? [] : [leavesOut(apart)])],
    ...(apart === undefined ? {} : { supported: { "dynamic-import": false } }),
    logLevel: "warning",
    ...(banner === undefined ? {} : { banner: { js: banner } }),
  }));

if (watch) {
  for (const each of options) await (await esbuild.context(each)).watch();
  console.log(`watching ${options.length} programs`);
} else {
  try {
    await Promise.all(options.map((each) => esbuild.build(each)));
  } catch {
    // esbuild has printed what is wrong.
    process.exitCode = 1;
  }
}
