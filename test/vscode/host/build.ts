import { join } from "node:path";
import { build } from "esbuild";
import { protoFiles } from "../../../scripts/proto.mjs";

/** Bundles the suites for the extension host; the path of the module to load there. */
export async function buildSuites(): Promise<string> {
  const outfile = join("dist", "test", "suites.cjs");
  await build({
    entryPoints: ["test/vscode/suites/index.ts"], outfile, bundle: true, format: "cjs", platform: "node", target: "node20", sourcemap: "inline", external: ["vscode", "mocha"],
    plugins: [protoFiles], logLevel: "warning",
  });
  return outfile;
}
