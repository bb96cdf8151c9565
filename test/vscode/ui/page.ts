import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { remoteUri, workbenchUrl } from "../host/host.ts";
import { makeWorkspace } from "../host/workspace.ts";

/** VS Code in a browser page, on a workspace of its own. */
export interface Workbench {
  readonly page: Page;
  /** The folder that is open. */
  readonly folder: string;
  /** Addresses outside this machine that the page asked for. */
  readonly outside: readonly string[];
  /** Opens a file of the workspace by Quick Open and waits for its editor. */
  readonly open: (name: string) => Promise<Locator>;
  /** Runs a command by its title in the palette. */
  readonly run: (title: string) => Promise<void>;
  /** The titles that the palette offers for a text. */
  readonly offered: (text: string) => Promise<string[]>;
  /** Chooses the entry of an open list by what it holds. */
  readonly choose: (text: string) => Promise<void>;
  /** Answers the question of an open input. */
  readonly answer: (text: string) => Promise<void>;
  /** Puts the cursor at a line and column, both from 1. */
  readonly goTo: (line: number, column: number) => Promise<void>;
  /** Rests the mouse on a thing until something is seen. */
  readonly hover: (thing: Locator, seen: Locator) => Promise<void>;
  /** The line of an editor that holds a text, inlay hints included. */
  readonly line: (text: string) => Locator;
  readonly hideSideBar: () => Promise<void>;
  /** Closes all editors, which have nothing to save. */
  readonly closeAll: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface WorkbenchOptions {
  readonly width?: number;
  readonly height?: number;
  /** A folder to load an extension from, where the server runs for development. */
  readonly development?: string;
  /** Settings of the folder that is open. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Opens a workbench of a server, on a new folder and with a file of it in the editor. Closing it closes the browser. */
export async function openPage(browser: Browser, origin: string, file: string | undefined, options: WorkbenchOptions = {}): Promise<Workbench> {
  const workspace = makeWorkspace();
  const page = await browser.newPage({ viewport: { width: options.width ?? 1280, height: options.height ?? 800 } });
  page.setDefaultTimeout(120_000);
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^(?:http|ws)/.test(url.protocol) && url.host !== new URL(origin).host) outside.push(request.url());
  });
  if (options.settings !== undefined) {
    mkdirSync(join(workspace.folder, ".vscode"));
    writeFileSync(join(workspace.folder, ".vscode/settings.json"), JSON.stringify(options.settings));
  }
  const payload: [string, string][] = [];
  if (options.development !== undefined) payload.push(["extensionDevelopmentPath", remoteUri(origin, options.development)]);
  if (file !== undefined) payload.push(["openFile", remoteUri(origin, join(workspace.folder, file))]);
  await page.goto(workbenchUrl(origin, workspace.folder, payload));
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
      // A whole path is found without a search.
      await input.fill(join(workspace.folder, name));
      // What was open before comes up at once, a table or a comparison of the file among it: the row is the one of just this name.
      const [last] = name.split("/").slice(-1) as [string];
      await rows.filter({ has: page.locator(".label-name").getByText(last, { exact: true }) }).first().click();
      const editor = editorOf(page, name);
      await editor.waitFor();
      return editor;
    },
    async run(title) {
      // What the palette offers is settled when it opens; the editor that has just come to the front may not be known to the extension yet.
      for (let tries = 1; ; tries++) {
        await palette(title);
        try {
          await rows.filter({ hasText: title }).first().click({ timeout: 5000 });
          return;
        } catch (error) {
          if (tries === 10) throw error;
          await page.keyboard.press("Escape");
          await input.waitFor({ state: "hidden" });
        }
      }
    },
    async choose(text) {
      await rows.filter({ hasText: text }).first().click();
    },
    async answer(text) {
      await input.waitFor();
      await input.fill(text);
      await page.keyboard.press("Enter");
    },
    async goTo(line, column) {
      await page.keyboard.press("Control+G");
      await input.waitFor();
      await input.fill(`:${line}:${column}`);
      await page.keyboard.press("Enter");
      await input.waitFor({ state: "hidden" });
    },
    async hover(thing, seen) {
      // What comes above a line, as the line of commands does, moves it from under the mouse, and an editor forgets a hover when its text moves.
      for (let tries = 1; ; tries++) {
        await thing.hover();
        try {
          await seen.waitFor({ timeout: 10_000 });
          return;
        } catch (error) {
          if (tries === 10) throw error;
          await page.mouse.move(0, 0);
        }
      }
    },
    async hideSideBar() {
      const sideBar = page.locator(".part.sidebar");
      if (await sideBar.isVisible()) await page.keyboard.press("Control+B");
      await sideBar.waitFor({ state: "hidden" });
    },
    async closeAll() {
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+W");
      await page.locator(".tab").first().waitFor({ state: "detached" });
    },
    async offered(text) {
      await palette(text);
      // The list is whole once it shows as many rows as it says it has; what does not fit is not drawn.
      await page.waitForFunction(wholeList, text);
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
  return page.locator(`.monaco-editor[data-uri$="/${file.split("/").at(-1)!}"]`).first();
}

/** What of a page's document is used inside it. */
declare const document: { querySelectorAll(selector: string): Iterable<{ readonly textContent: string; getAttribute(name: string): string | null }> };

/** In the page: true once every row of the open list is drawn and holds the text. */
function wholeList(text: string): boolean {
  const rows = [...document.querySelectorAll(".quick-input-list .monaco-list-row")];
  return rows.length > 0 && rows.length === Number(rows[0]!.getAttribute("aria-setsize")) && rows.every((row) => row.textContent.includes(text));
}
