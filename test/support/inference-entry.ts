import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { protoFiles } from "../../scripts/proto.mjs";

const root = join(import.meta.dirname, "../..");
const caches = join(root, "node_modules/.cache/net-surgeon");

/**
 * Path of the inference process, bundled from its present source.
 *
 * Lies in node_modules, from where it finds onnxruntime-node; its name is the hash of its content, so parallel tests share it.
 */
export function inferenceEntry(): Promise<string> {
  return entryOf("inference");
}

/** Path of the preview's process, with `inference.cjs` beside it, as in `dist`. */
export async function previewEntry(): Promise<string> {
  const [preview, inference] = await Promise.all([entryOf("preview"), inferenceEntry()]);
  const folder = join(caches, basename(preview, ".cjs") + basename(inference, ".cjs"));
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, "preview.cjs");
  for (const [from, to] of [[inference, join(folder, "inference.cjs")], [preview, entry]] as const) {
    const part = `${to}.${process.pid}.part`;
    copyFileSync(from, part);
    renameSync(part, to);
  }
  return entry;
}

async function entryOf(name: "inference" | "preview"): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/${name}/process.ts`],
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["onnxruntime-node"],
    plugins: [protoFiles],
    write: false,
  });
  const { contents } = outputFiles[0]!;
  const file = join(caches, `${name}-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}.cjs`);
  if (!existsSync(file)) {
    mkdirSync(caches, { recursive: true });
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, contents);
    renameSync(part, file);
  }
  return file;
}
