import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { protoFiles } from "../../scripts/proto.mjs";
import { writeFileAtomic } from "../../src/text/atomic.ts";

const root = join(import.meta.dirname, "../..");

/** Path of the inference process, bundled from its present source. */
export async function inferenceEntry(): Promise<string> {
  return join(await bundled("inference"), "inference.cjs");
}

/** Path of the preview's process, with `inference.cjs` beside it, as in `dist`. */
export async function previewEntry(): Promise<string> {
  return join(await bundled("preview", "inference"), "preview.cjs");
}

/**
 * The folder of some programs, bundled.
 *
 * Lies in node_modules, from where they find onnxruntime-node; its name is the hash of its content, so parallel tests share it.
 */
async function bundled(...names: readonly ("inference" | "preview")[]): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `src/${name}/process.ts`, out: name })),
    outdir: ".",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["onnxruntime-node"],
    plugins: [protoFiles],
    write: false,
  });
  const hash = createHash("sha256");
  for (const { contents } of outputFiles) hash.update(contents);
  const folder = join(root, "node_modules/.cache/net-surgeon", hash.digest("hex").slice(0, 16));
  mkdirSync(folder, { recursive: true });
  for (const [i, { contents }] of outputFiles.entries()) {
    const file = join(folder, `${names[i]!}.cjs`);
    if (!existsSync(file)) await writeFileAtomic(file, contents);
  }
  return folder;
}
