import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { page as html } from "../../webview/page.ts";
import type { ToHost, ToWebview } from "../../webview/messages.ts";
import type { ThemeName } from "./themes.ts";
import { themes } from "./themes.ts";

const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Whether the page tests can run here. In CI they must: a missing browser is a failure there. */
export const hasBrowser = existsSync(executable) || process.env["CI"] !== undefined;

/** A browser and a server of the panel's page, as built from the sources. */
export interface Harness {
  open(settings?: OpenSettings): Promise<Viewer>;
  close(): Promise<void>;
}

export interface OpenSettings {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What the editor kept of an earlier panel. */
  readonly saved?: unknown;
  /** True: as with a graphics card. False: as it is here, where one is only imitated in software. */
  readonly webgl?: boolean;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  readonly ratio?: number;
}

/** The panel in a page, seen from the host's side. */
export interface Viewer {
  readonly page: Page;
  /** Messages to the panel, then the frame that shows them. */
  send(...messages: readonly ToWebview[]): Promise<void>;
  /** Everything the panel has said so far. */
  readonly posted: ToHost[];
  /** The next message of a type that comes after what was posted before, or that has come already. */
  said<Type extends ToHost["type"]>(type: Type, fits?: (message: Extract<ToHost, { type: Type }>) => boolean): Promise<Extract<ToHost, { type: Type }>>;
  /** Waits for the frame that shows what happened. */
  readonly frame: () => Promise<void>;
  saved(): Promise<unknown>;
  /** Console errors, thrown errors, violations of the policy: should stay empty. */
  readonly defects: string[];
}

export async function harness(): Promise<Harness> {
  const files = await build();
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    const origin = `http://${request.headers.host ?? ""}`;
    const content = name === "" ? html({ script: `${origin}/webview.js`, style: `${origin}/webview.css`, source: origin, nonce: "nonceForTheTest" }) : files.get(name);
    response.writeHead(content === undefined ? 404 : 200, { "content-type": name.endsWith(".js") ? "text/javascript" : name.endsWith(".css") ? "text/css" : "text/html" });
    response.end(content);
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({
    executablePath: executable,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--enable-unsafe-swiftshader", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  return {
    open: (settings = {}) => open(browser, address, settings),
    close: async () => {
      await browser.close();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}

async function build(): Promise<Map<string, Uint8Array>> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root, entryPoints: { webview: "webview/main.ts", "webview-style": "webview/style.css" }, outdir: "out", bundle: true, format: "iife",
    target: "chrome132", write: false, logLevel: "warning",
  });
  const names: Readonly<Record<string, string>> = { "webview.js": "webview.js", "webview-style.css": "webview.css" };
  return new Map(outputFiles.map(({ path, contents }) => [names[path.split(/[\\/]/).at(-1)!]!, contents]));
}

async function open(browser: Browser, address: string, settings: OpenSettings): Promise<Viewer> {
  const { theme = "dark", width = 1200, height = 800, saved, webgl = true, reducedMotion = false, forcedColors = false, ratio = 1 } = settings;
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: ratio, reducedMotion: reducedMotion ? "reduce" : "no-preference",
    forcedColors: forcedColors ? "active" : "none", permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const posted: ToHost[] = [];
  const defects: string[] = [];
  const waiting: (() => void)[] = [];
  page.on("console", (message) => {
    // The driver complains of screenshots, which read the canvas back.
    if (["error", "warning"].includes(message.type()) && !message.text().includes("GPU stall due to ReadPixels")) defects.push(message.text());
  });
  page.on("pageerror", (error) => defects.push(error.message));
  await page.exposeFunction("toNode", (message: ToHost) => {
    posted.push(message);
    for (const wake of waiting.splice(0)) wake();
  });
  await page.addInitScript(actEditor, { saved: saved ?? null, webgl, ...themes[theme] });
  await page.goto(address);
  const viewer: Viewer = {
    page, posted, defects,
    send: async (...messages) => {
      await page.evaluate(deliver, messages.map(pack));
      await viewer.frame();
    },
    said: async (type, fits = () => true) => {
      for (;;) {
        const found = posted.find((message) => message.type === type && fits(message as Parameters<typeof fits>[0]));
        if (found !== undefined) return found as Parameters<typeof fits>[0];
        await new Promise<void>((resolve) => { waiting.push(resolve); });
      }
    },
    frame: async () => {
      await page.evaluate(() => new Promise((resolve) => {
        requestAnimationFrame(() => { requestAnimationFrame(resolve); });
      }));
      await page.locator("#app:not([data-waiting])").waitFor();
    },
    // What a page that goes away now would leave.
    saved: () => page.evaluate(() => window.dispatchEvent(new Event("pagehide"))).then(() => page.evaluate(() => JSON.parse(sessionStorage.getItem("saved") ?? "null") as unknown)),
  };
  await viewer.said("ready");
  return viewer;
}

/** Runs in the page before its own script: what the editor gives a webview. */
function actEditor(given: { saved: unknown; webgl: boolean; bodyClass: string; variables: Readonly<Record<string, string>> }): void {
  const { toNode } = window as unknown as { toNode: (message: unknown) => void };
  if (sessionStorage.getItem("saved") === null) sessionStorage.setItem("saved", JSON.stringify(given.saved));
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      // Bytes do not survive the way out of the page: their number does.
      postMessage: (message: unknown) => { toNode(JSON.parse(JSON.stringify(message, (_, value: unknown) => (ArrayBuffer.isView(value) ? { bytes: value.byteLength } : value)))); },
      getState: () => JSON.parse(sessionStorage.getItem("saved") ?? "null") as unknown,
      setState: (state: unknown) => { sessionStorage.setItem("saved", JSON.stringify(state)); },
    }),
  });
  if (given.webgl) {
    const original = Reflect.get(WebGL2RenderingContext.prototype, "getParameter") as CallableFunction;
    const unmaskedRenderer = 0x9246;
    Reflect.set(WebGL2RenderingContext.prototype, "getParameter", new Proxy(original, {
      apply: (target, context, [name]) => (name === unmaskedRenderer ? "a graphics card" : Reflect.apply(target, context, [name]) as unknown),
    }));
  }
  document.addEventListener("DOMContentLoaded", () => {
    document.body.className = given.bodyClass;
    for (const [name, value] of Object.entries(given.variables)) document.documentElement.style.setProperty(`--vscode-${name}`, value);
  });
  document.addEventListener("securitypolicyviolation", (event) => { console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`); });
}

/** Runs in the page: messages as the editor would deliver them. */
function deliver(texts: readonly string[]): void {
  const types = { Uint8Array, Float32Array };
  for (const text of texts) {
    const data = JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== "object" || value === null || !("base64" in value)) return value;
      const { base64, type } = value as { base64: string; type: keyof typeof types };
      return new types[type](Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)).buffer);
    }) as unknown;
    window.dispatchEvent(new MessageEvent("message", { data }));
  }
}

/** Typed arrays as text, so that a message can be handed to the page. */
function pack(message: ToWebview): string {
  return JSON.stringify(message, (_, value: unknown) => (ArrayBuffer.isView(value)
    ? { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"), type: value.constructor.name }
    : value));
}
