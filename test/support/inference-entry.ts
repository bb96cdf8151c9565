import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/**
 * Path of the inference process, bundled from its present source.
 *
 * Lies in node_modules, from where it finds onnxruntime-node; its name is the hash of its content, so parallel tests share it.
 */
export async function inferenceEntry(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/inference/process.ts"],
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["onnxruntime-node"],
    write: false,
  });
  const { contents } = outputFiles[0]!;
  const folder = join(root, "node_modules/.cache/net-surgeon");
  const file = join(folder, `inference-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}.cjs`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, contents);
    renameSync(part, file);
  }
  return file;
}
