// Runs a TypeScript file: `node scripts/run.mjs FILE [ARGUMENTS]`. Packages stay outside the bundle; paths are relative to the repository.
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { protoFiles } from "./proto.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [file, ...rest] = process.argv.slice(2);
const outfile = join("dist", "test", `${basename(file, ".ts")}.mjs`);
await build({ entryPoints: [file], outfile, bundle: true, format: "esm", platform: "node", target: "node20", packages: "external", plugins: [protoFiles], sourcemap: "inline", logLevel: "warning" });
process.argv.splice(1, process.argv.length, outfile, ...rest);
await import(pathToFileURL(outfile).href);
