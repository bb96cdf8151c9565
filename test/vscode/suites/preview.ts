import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { readImage } from "../../../src/image/image.ts";
import { writePng } from "../../../src/image/png-encode.ts";
import { scaleImage } from "../../../src/image/scale.ts";
import type { State } from "../../../src/preview/messages.ts";
import type { FromEngine } from "../../../src/preview/protocol.ts";
import { say } from "./report.ts";
import { followStalls, stallText, type Stalls } from "./stalls.ts";
import { eventually, executed, file, openFile } from "./support.ts";

interface Preview {
  readonly panel: vscode.WebviewPanel;
  readonly onMessage: vscode.Event<FromEngine>;
}

export function preview(): void {
  suite("preview", () => {
    test("an image of 2,000 x 2,000 is computed while the editor stays free", async function () {
      this.timeout(300_000);
      // The only image that is looked at: the first by name.
      const image = scaleImage(await readImage(file("nuclei32/tissue-301x257.png").fsPath), 2000 / 257);
      const cut = { width: 2000, height: 2000, channels: 3, data: new Uint8Array(2000 * 2000 * 3) } as const;
      for (let row = 0; row < 2000; row++) cut.data.set(image.data.subarray(row * image.width * 3, row * image.width * 3 + 6000), row * 6000);
      await writePng(file("nuclei32/a-large.png").fsPath, cut);
      const { document } = await openFile("nuclei32/deploy.prototxt");

      const first = followStalls();
      const firstSeconds = await showFirstWebview();
      const beforeAll = first();
      const before = await stallsOf(3000);
      const stalls = followStalls();
      const start = performance.now();
      const seconds: Partial<Record<"picture" | "simple" | "firstTile" | "exact", number>> = {};
      const { panel, onMessage } = await executed<Preview>("netsurgeon.preview", document.uri);
      let state: State | undefined;
      await eventually(onMessage, watching(onMessage, (message) => {
        const now = (performance.now() - start) / 1000;
        if (message.type === "state") ({ state } = message);
        if (message.type === "image") seconds.picture ??= now;
        if (message.type === "finished" && message.kind === "simple") seconds.simple = now;
        if (message.type === "tile" && message.kind === "exact") seconds.firstTile ??= now;
        if (message.type === "finished" && message.kind === "exact") seconds.exact = now;
        return state?.phase === "idle" && seconds.exact !== undefined ? true : undefined;
      }));
      const during = stalls();
      // Times are those at which the webview had it.
      say(
        `      the first webview of the profile, which is empty, was there after ${firstSeconds.toFixed(1)} s; longest stall ${stallText(beforeAll)}\n      the webview was there after ${seconds.picture!.toFixed(1)} s, simple after ${seconds.simple!.toFixed(1)} s, first exact tile after ${seconds.firstTile!.toFixed(1)} s, exact after ${seconds.exact!.toFixed(1)} s\n` +
          `      longest stall of the extension host ${stallText(during)}\n      while nothing was done: ${stallText(before)}`,
      );
      assert.equal(state!.image!.width, 2000);
      assert.equal(state!.summary!.pixels, 4_000_000);
      // Far from a measurement, which a busy machine would spoil: what was computed here would have stopped everything for seconds.
      assert.ok(during.longest / 1000 < seconds.exact! / 4, `the extension host stood still for ${(during.longest / 1000).toFixed(1)} s`);
      panel.dispose();
    });

    test("the providers page names every provider and what it lacks", async function () {
      this.timeout(300_000);
      const text = await executed<string>("netsurgeon.checkProviders");
      for (const name of ["`cpu` | works", "`cuda` |", "`webgpu` |", "`dml` |", "`coreml` |"]) assert.ok(text.includes(name), `${name} is not in ${text}`);
    });
  });
}

/**
 * Shows a webview that does nothing, and gives the seconds until it does. In a profile that has never shown one VS Code registers a service worker for all of them,
 * for up to four seconds in which nothing else happens; a profile that is used has done so before.
 */
async function showFirstWebview(): Promise<number> {
  const start = performance.now();
  const panel = vscode.window.createWebviewPanel("first", "First", vscode.ViewColumn.Two, { enableScripts: true });
  const shown = new Promise((resolve) => { panel.webview.onDidReceiveMessage(resolve); });
  panel.webview.html = "<!doctype html><script>acquireVsCodeApi().postMessage(1)</script>";
  await shown;
  panel.dispose();
  return (performance.now() - start) / 1000;
}

/** The stalls within some milliseconds in which nothing is asked of the extension host: what the machine's other work costs. */
async function stallsOf(milliseconds: number): Promise<Stalls> {
  const stalls = followStalls();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return stalls();
}

/** A look that remembers: `take` sees every message, and says when it has seen enough. */
function watching(onMessage: vscode.Event<FromEngine>, take: (message: FromEngine) => true | undefined): () => true | undefined {
  let enough: true | undefined;
  const listening = onMessage((message) => {
    enough ??= take(message);
    if (enough === true) listening.dispose();
  });
  return () => enough;
}
