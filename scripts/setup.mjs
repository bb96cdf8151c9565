// Brings a checkout into working order: installs packages where the lockfile changed, builds where a source changed.
// Quick when there is nothing to do. Run by `npm run demo` and `npm test`.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: Net Surgeon needs 20.19 or later.`);
  process.exit(2);
}

function once(stamp, state, work) {
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  work();
  mkdirSync(join(stamp, ".."), { recursive: true });
  writeFileSync(stamp, state);
}

const hash = (texts) => texts.reduce((all, text) => all.update(text), createHash("sha256")).digest("hex");

once("node_modules/.installed", hash([readFileSync("package-lock.json"), readFileSync("package.json")]), () => {
  console.log("installing packages (once) ...");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit", shell: process.platform === "win32" });
});

const sources = ["src", "client", "server", "webview"]
  .filter(existsSync)
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name.toString())))
  .concat("package.json", "scripts/build.mjs")
  .filter((path) => statSync(path).isFile())
  .sort();
once("dist/.built", hash(sources.flatMap((path) => [path, readFileSync(path)])), () => {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
});
