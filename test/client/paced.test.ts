import { expect, test } from "vitest";
import type { Webview } from "vscode";
import { pacedPost } from "../../client/preview/paced.ts";
import type { FromEngine } from "../../src/preview/protocol.ts";

/** A webview that takes a message when the test lets it. */
function slowWebview(): { readonly webview: Webview; readonly posted: FromEngine[]; readonly take: () => Promise<void> } {
  const posted: FromEngine[] = [];
  const waiting: (() => void)[] = [];
  const postMessage = (message: FromEngine): Promise<boolean> => {
    posted.push(message);
    return new Promise((resolve) => waiting.push(() => { resolve(true); }));
  };
  return {
    webview: { postMessage } as unknown as Webview,
    posted,
    take: async () => {
      waiting.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const band = (top: number, bytes: number): FromEngine => ({ type: "imageBand", top, height: 1, pixels: new Uint8Array(bytes) });
const small: FromEngine = { type: "finished", kind: "simple", run: 1, seconds: 1 };
const urgent: FromEngine = { type: "notice", notice: { level: "information", text: "now" } };

test("only so many bytes are on their way; the order stays, but for what does not wait for pixels", async () => {
  const { webview, posted, take } = slowWebview();
  const arrived: FromEngine[] = [];
  const post = pacedPost(webview, (message) => { arrived.push(message); });
  const names = (messages: readonly FromEngine[]): unknown[] => messages.map((message) => (message.type === "imageBand" ? message.top : message.type));
  for (const each of [...[0, 1, 2, 3].map((top) => band(top, 1 << 20)), small]) post(each);
  expect(names(posted)).toEqual([0, 1]);
  post(urgent);
  expect(names(posted)).toEqual([0, 1, "notice"]);
  await take();
  expect([names(posted), names(arrived)]).toEqual([[0, 1, "notice", "finished", 2], [0]]);
  for (let i = 0; i < 3; i++) await take();
  expect([names(posted), names(arrived)]).toEqual([[0, 1, "notice", "finished", 2, 3], [0, 1, "notice", "finished"]]);
});

test("rows of a picture let all else go first, and take turns with the exact map; those of the picture before are dropped", async () => {
  const { webview, posted, take } = slowWebview();
  const post = pacedPost(webview, () => undefined);
  const exact = (left: number): FromEngine => ({ type: "tile", kind: "exact", run: 1, left, top: 0, width: 1, height: 1, values: new Float32Array(1 << 19) });
  const image = { type: "image", width: 1, height: 9 } as const;
  for (const each of [image, band(0, 1 << 21), band(1, 1 << 21), small, exact(7), exact(8), exact(9)]) post(each);
  for (let i = 0; i < 5; i++) await take();
  const names = posted.map((message) => (message.type === "imageBand" ? message.top : message.type === "tile" ? message.left : message.type));
  expect(names).toEqual(["image", 0, "finished", 7, 1, 8]);
  for (const each of [band(2, 1 << 21), image, band(3, 1 << 21)]) post(each);
  while (posted.length < 9) await take();
  expect(posted.slice(6).map((message) => (message.type === "imageBand" ? message.top : message.type === "tile" ? message.left : message.type))).toEqual([9, "image", 3]);
});

test("a panel that is closed stops nothing", async () => {
  const arrived: FromEngine[] = [];
  const post = pacedPost({ postMessage: () => Promise.reject(new Error("disposed")) } as unknown as Webview, (message) => { arrived.push(message); });
  for (const top of [0, 1, 2, 3]) post(band(top, 1 << 20));
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(arrived.length).toBe(4);
});
