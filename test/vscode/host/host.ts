import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { waitAtMost } from "../../../src/text/patience.ts";
import { childrenOf, isRunning } from "../../support/processes.ts";
import type { Host } from "./install.ts";

/** A user's folders, made for one run: settings, extensions, and the logs of the server. */
export interface Profile {
  readonly root: string;
  readonly data: string;
  /** Where extensions are installed. */
  readonly extensions: string;
  remove(): void;
}

/** A program that runs until it is stopped. */
export interface Running {
  /** Rejects with what it said last, when it ends unasked. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
}

export interface VsCodeServer extends Running {
  /** http://127.0.0.1:PORT */
  readonly origin: string;
}

/** Nothing that moves, asks, or talks to other machines. */
const quiet = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  // In a browser it is on: what a test changes would be in the file a second later.
  "files.autoSave": "off",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.enabled": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  // What a remote editor does beside a local one: every other second its extension host has other programs look for ports, and stands still until they run.
  "remote.autoForwardPortsSource": "output",
};

export function makeProfile(settings: Readonly<Record<string, unknown>> = {}): Profile {
  const root = mkdtempSync(join(tmpdir(), "netsurgeon-vscode-"));
  mkdirSync(join(root, "data/User"), { recursive: true });
  mkdirSync(join(root, "extensions"));
  // Without it, code-server writes one in the user's home.
  writeFileSync(join(root, "config.yaml"), "{}\n");
  writeFileSync(join(root, "data/User/settings.json"), JSON.stringify({ ...quiet, ...settings }));
  return { root, data: join(root, "data"), extensions: join(root, "extensions"), remove: () => { rmSync(root, { recursive: true, force: true, maxRetries: 5 }); } };
}

/**
 * Starts a VS Code server on a free port of this machine. `development` lets it load an extension from its folder and run tests in its host, which
 * also hides notifications; `trust` makes it ask which folders to trust.
 */
export async function startServer(host: Host, profile: Profile, options: { development?: boolean; trust?: boolean; env?: NodeJS.ProcessEnv } = {}): Promise<VsCodeServer> {
  const port = await freePort();
  const authority = `127.0.0.1:${port}`;
  const { failed, stop } = run("the VS Code server", host.node, [
    host.entry, ...folders(profile), "--auth", "none", "--bind-addr", authority, "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override",
    "--disable-proxy", ...(options.trust === true ? [] : ["--disable-workspace-trust"]),
    // Without it, VS Code ignores the folders of a development extension and of tests in an address.
    ...(options.development === true ? ["--vscode-option", "enable-smoke-test-driver"] : []),
  ], environment(profile, options.env));
  const end = Date.now() + 120_000;
  try {
    while (!(await Promise.race([failed, fetch(`http://${authority}/healthz`).then(({ ok }) => ok, () => false)]))) {
      if (Date.now() > end) throw new Error("the VS Code server does not answer");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: `http://${authority}`, failed, stop };
}

/** The address of a workbench on a folder, with a payload such as [["openFile", remoteUri(origin, path)]]. */
export function workbenchUrl(origin: string, folder: string, payload: readonly (readonly [string, string])[] = []): string {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set("payload", JSON.stringify(payload));
  return `${origin}/?${query}`;
}

/** A file of this machine as the workbench names it. */
export function remoteUri(origin: string, path: string): string {
  return `vscode-remote://${new URL(origin).host}${resolve(path)}`;
}

/** Installs a packaged extension into a profile. */
export async function installExtension(host: Host, profile: Profile, vsix: string): Promise<void> {
  const child = spawn(host.node, [host.entry, ...folders(profile), "--install-extension", resolve(vsix), "--force"], { env: environment(profile), stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => { said += data.toString(); });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the extension could not be installed:\n${said}`);
}

/** What keeps a browser to this machine. */
const local = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];

/** A browser that tests drive. */
export function launchBrowser(host: Host): Promise<Browser> {
  return chromium.launch({ executablePath: host.chromium, args: local });
}

/**
 * A page in a browser that nobody drives: without a debugger, whose messages would take their share of the processors, and in the session of the server, as
 * the processes of a desktop editor are of one session (Linux shares the processors out between sessions first, where sched_autogroup is on).
 */
export function showPage(host: Host, profile: Profile, url: string, options: { verbose?: boolean } = {}): Running {
  return run("the browser", host.chromium, [
    "--headless", `--app=${url}`, "--window-size=1280,800", `--user-data-dir=${join(profile.root, "browser")}`, ...local,
    "--password-store=basic", "--disable-dev-shm-usage", "--disable-breakpad", "--disable-extensions", "--mute-audio", "--enable-unsafe-swiftshader",
    ...(options.verbose === true ? ["--enable-logging=stderr"] : []),
  ], environment(profile), options.verbose === true);
}

/** Starts a program; with `aloud`, its error output is printed. */
function run(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv, aloud = false): Running {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => { words = (words + text).slice(-4000); });
  if (aloud) child.stderr.pipe(process.stderr);
  let isAsked = false;
  const closed = new Promise((resolve) => child.once("close", resolve));
  const gone = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => { resolve(message); });
    child.once("exit", (code, signal) => { resolve(signal ?? `exit code ${code ?? "?"}`); });
  });
  const failed = gone.then((reason) => (isAsked ? new Promise<never>(() => undefined) : Promise.reject(new Error(`${name} has ended (${reason}):\n${words}`))));
  // Who awaits it hears of it.
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    isAsked = true;
    const all = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(all)];
    const running = child.pid === undefined ? [] : all(child.pid);
    const kill = (): void => {
      for (const pid of running.filter(isRunning)) process.kill(pid, "SIGKILL");
    };
    child.kill();
    const late = setTimeout(kill, 5000);
    await gone;
    clearTimeout(late);
    kill();
    // Its folders are not removed before all that may write to them have let go of its output.
    await waitAtMost(5000, closed);
  };
  return { failed, stop };
}

const folders = ({ root, extensions }: Profile): string[] => ["--config", join(root, "config.yaml"), "--user-data-dir", join(root, "data"), "--extensions-dir", extensions];

/** An environment in which nothing is read from or written to the user's own folders, and no other VS Code or npm is heard of. */
function environment({ root }: Profile, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:VSCODE_|npm_|VITEST|NODE_OPTIONS$|NODE_ENV$|PORT$|PASSWORD$)/.test(name));
  return { ...Object.fromEntries(inherited), HOME: root, XDG_CONFIG_HOME: join(root, ".config"), XDG_DATA_HOME: join(root, ".local"), EXTENSIONS_GALLERY: "{}", ...more };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => { resolve(typeof address === "object" && address !== null ? address.port : 0); });
    });
  });
}
