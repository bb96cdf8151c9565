import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { inject } from "vitest";
import { launchBrowser, remoteUri, workbenchUrl } from "../host/host.ts";
import { makeWorkspace } from "../host/workspace.ts";

/** VS Code in a browser page, on a workspace of its own. */
export interface Workbench {
  readonly page: Page;
  /** The folder that is open. */
  readonly folder: string;
  /** Addresses outside this machine that the page asked for. */
  readonly outside: readonly string[];
  /** Opens a file of the workspace by Quick Open and waits for its editor. */
  open(name: string): Promise<Locator>;
  /** Runs a command by its title in the palette. */
  run(title: string): Promise<void>;
  /** The titles that the palette offers for a text. */
  offered(text: string): Promise<string[]>;
  /** The line of the active editor that holds a text. */
  line(text: string): Locator;
  close(): Promise<void>;
}

/** Opens the workbench of the server that runs the tests, or of another, with a file of the workspace in its editor. */
export async function openWorkbench(file?: string, options: { origin?: string; width?: number; height?: number; scale?: number } = {}): Promise<Workbench> {
  const { host, origin } = inject("vscode");
  return openPage(await launchBrowser(host), options.origin ?? origin, file, options);
}

/** The same in a browser that is there already; closing the workbench closes the browser. */
export async function openPage(browser: Awaited<ReturnType<typeof launchBrowser>>, origin: string, file: string | undefined, options: { width?: number; height?: number; scale?: number } = {}): Promise<Workbench> {
  const workspace = makeWorkspace();
  const page = await browser.newPage({ viewport: { width: options.width ?? 1280, height: options.height ?? 800 }, deviceScaleFactor: options.scale ?? 1 });
  page.setDefaultTimeout(120_000);
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^(?:http|ws)/.test(url.protocol) && url.host !== new URL(origin).host) outside.push(request.url());
  });
  await page.goto(workbenchUrl(origin, workspace.folder, file === undefined ? [] : [["openFile", remoteUri(origin, join(workspace.folder, file))]]));
  await page.locator(".monaco-workbench").waitFor();
  if (file !== undefined) await editorOf(page, file).waitFor();

  const input = page.locator(".quick-input-widget input").first();
  const rows = page.locator(".quick-input-list .monaco-list-row");
  const palette = async (text: string): Promise<void> => {
    await page.keyboard.press("F1");
    await input.waitFor();
    await input.fill(`>${text}`);
  };
  return {
    page,
    folder: workspace.folder,
    outside,
    async open(name) {
      await page.keyboard.press("Control+P");
      await input.waitFor();
      await input.fill(name);
      await rows.filter({ hasText: name.split("/").at(-1)! }).first().waitFor();
      await page.keyboard.press("Enter");
      const editor = editorOf(page, name);
      await editor.waitFor();
      return editor;
    },
    async run(title) {
      await palette(title);
      await rows.filter({ hasText: title }).first().click();
    },
    async offered(text) {
      await palette(text);
      await rows.first().waitFor();
      const titles = await rows.locator(".label-name").allInnerTexts();
      await page.keyboard.press("Escape");
      await input.waitFor({ state: "hidden" });
      return titles;
    },
    line: (text) => page.locator(".editor-instance .view-line", { hasText: text }).first(),
    async close() {
      await browser.close();
      workspace.remove();
    },
  };
}

function editorOf(page: Page, file: string): Locator {
  return page.locator(`.tab.active[data-resource-name="${file.split("/").at(-1)!}"]`).first();
}
