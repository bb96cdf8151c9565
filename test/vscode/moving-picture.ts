// Takes the moving picture of the README, docs/images/preview.webp, in a real workbench: `npm run screenshots`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import type { Page } from "playwright-core";
import { readImage } from "../../src/image/image.ts";
import { writePng } from "../../src/image/png-encode.ts";
import { scaleImage } from "../../src/image/scale.ts";
import { launchBrowser, makeProfile, startServer } from "./host/host.ts";
import { ensureHost } from "./host/install.ts";
import { openPage } from "./ui/page.ts";
import { animatedWebp, type Frame } from "./webp.ts";

const size = { width: 1200, height: 680 };
const target = "docs/images/preview.webp";
/** More would keep readers waiting. */
const MOST_BYTES = 1.5e6;

interface Shot {
  readonly png: Buffer;
  readonly duration: number;
}

const host = await ensureHost();
if ("missing" in host) throw new Error(`no VS Code: ${host.missing}`);
const profile = makeProfile({ "workbench.colorTheme": "Default Dark Modern", "workbench.activityBar.location": "hidden", "window.commandCenter": false, "workbench.layoutControl.enabled": false, "workbench.statusBar.visible": false, "editor.minimap.enabled": false });
const server = await startServer(host, profile, { development: true });
const workbench = await openPage(await launchBrowser(host), server.origin, "nuclei32/deploy.prototxt", { ...size, development: "." });
try {
  const { page, folder } = workbench;
  // Large enough that the exact map can be seen to grow.
  const large = scaleImage(await readImage("samples/nuclei32/tissue-512.png"), 4);
  await writePng(join(folder, "nuclei32/tissue-2048.png"), { ...large, data: large.data });
  await workbench.hideSideBar();
  const bytes = await encode(page, await film());
  if (bytes.length > MOST_BYTES) throw new Error(`${target} would have ${bytes.length} bytes`);
  writeFileSync(target, bytes);
  console.log(`${target}  ${Math.round(bytes.length / 1000)} KB`);
} catch (error) {
  await workbench.page.screenshot({ path: "build/screenshot-failure.png" });
  throw error;
} finally {
  await workbench.close();
  await server.stop();
  profile.remove();
}

/** The story: the quick map, the exact one growing over it, a line swept between the two. */
async function film(): Promise<Shot[]> {
  const { page } = workbench;
  const shots: Shot[] = [];
  const shoot = async (duration: number): Promise<void> => { shots.push({ png: await page.screenshot(), duration }); };
  const offer = page.locator(".editor-actions a[aria-label*='Preview Segmentation']");
  // On a machine that is very busy VS Code gives up on an extension host that starts too slowly; a reload starts another.
  await offer.waitFor({ timeout: 90_000 }).catch(() => page.reload());
  await shoot(900);
  await offer.click();
  const frame = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  const status = frame.locator("[data-status]");
  await status.filter({ hasText: /exact .*patch by patch/ }).waitFor();
  await frame.locator('[data-action="single"]').click();
  await frame.locator("#image").selectOption({ label: "tissue-2048.png" });
  const view = (await page.locator("iframe.webview.ready").boundingBox())!;
  await page.mouse.move(view.x + view.width / 2, view.y + view.height * 0.4);
  // As it comes; each is seen as long as the next takes, and the whole is not longer than a reader's patience.
  // The status line is that of the picture before until this one is read.
  await status.filter({ hasNotText: "77,357 pixels" }).waitFor();
  for (let i = 0; i < 60 && !(await status.innerText()).includes("4,194,304 pixels"); i++) await shoot(220);
  await status.filter({ hasText: "4,194,304 pixels" }).waitFor();
  await shoot(1200);
  await frame.locator('[data-action="swipe"]').click();
  const handle = (await frame.locator(".swipe-grip").boundingBox())!;
  const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const by of [0, -60, -120, -180, -120, -60, 0, 60, 120, 180, 120, 60, 0]) {
    await page.mouse.move(x + by, y, { steps: 4 });
    await shoot(140);
  }
  await page.mouse.up();
  await shoot(1500);
  return thinned(shots);
}

/** Frames of growth are too many on a slow machine: at most a dozen of them stay. */
function thinned(shots: readonly Shot[]): Shot[] {
  const growth = shots.filter(({ duration }) => duration === 220);
  const step = Math.ceil(growth.length / 12);
  const kept = new Set(growth.filter((_, i) => i % step === 0));
  return shots.filter((shot) => shot.duration !== 220 || kept.has(shot));
}

/** The shots as a file; of each only what differs from the one before. */
async function encode(page: Page, shots: readonly Shot[]): Promise<Buffer> {
  const frames: Frame[] = [];
  let before: Uint8Array | undefined;
  for (const { png, duration } of shots) {
    const { data, channels } = decode(png);
    const part = changed(before, data as Uint8Array, channels);
    before = data as Uint8Array;
    if (part === undefined) continue;
    const url = await page.evaluate(webpOf, { png: `data:image/png;base64,${png.toString("base64")}`, ...part });
    frames.push({ webp: Buffer.from(url.slice(url.indexOf(",") + 1), "base64"), ...part, duration });
  }
  return animatedWebp(size.width, size.height, frames);
}

/** The rectangle in which two pictures differ, at even places; the whole for the first. */
function changed(before: Uint8Array | undefined, now: Uint8Array, channels: number): { left: number; top: number; width: number; height: number } | undefined {
  const { width, height } = size;
  if (before === undefined) return { left: 0, top: 0, width, height };
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < now.length; i++) {
    if (now[i] === before[i]) continue;
    const at = Math.floor(i / channels);
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  if (right === 0) return undefined;
  left -= left % 2;
  top -= top % 2;
  return { left, top, width: right - left, height: bottom - top };
}

/** In the page: a part of a picture as WebP. The browser has the encoder. */
async function webpOf({ png, left, top, width, height }: { png: string; left: number; top: number; width: number; height: number }): Promise<string> {
  const image = new Image();
  image.src = png;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d", { alpha: false }).drawImage(image, -left, -top);
  return canvas.toDataURL("image/webp", 0.72);
}

/** What of a page is used inside it. */
declare class Image {
  src: string;
  decode(): Promise<void>;
}
declare const document: {
  createElement(name: "canvas"): { width: number; height: number; getContext(kind: "2d", options: { alpha: boolean }): { drawImage(image: Image, x: number, y: number): void }; toDataURL(type: string, quality: number): string };
};
