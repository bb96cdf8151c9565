import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { fromArrayBuffer } from "geotiff";
import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { difference } from "../../../src/image/compare.ts";
import { readImage } from "../../../src/image/image.ts";
import { writePng } from "../../../src/image/png-encode.ts";
import { scaleImage } from "../../../src/image/scale.ts";
import { floats } from "../../support/pack.ts";
import { openPreview, type Preview } from "./preview.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const golden = floats(readFileSync(join(import.meta.dirname, "../../fixtures/nuclei32/tissue-301x257.pixelwise.f32")));

let workbench: Workbench;
let frame: FrameLocator;
let done: Preview["done"];
beforeAll(async () => {
  workbench = await openWorkbench("nuclei32/deploy.prototxt", { width: 1600, height: 900 });
  // Large enough that a run can be interrupted.
  const large = scaleImage(await readImage("samples/nuclei32/tissue-512.png"), 5);
  await writePng(join(workbench.folder, "nuclei32/z-large.png"), { ...large, data: large.data });
  ({ frame, done } = await openPreview(workbench));
  await frame.locator("#view").waitFor();
  await frame.locator("body").evaluate("window.violations = []; addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))");
  await done();
});
afterAll(() => workbench.close());

test("computes simple and exact of what lies beside the net; a pixel tells what Caffe computes there", async () => {
  expect(await frame.locator("#weights option:checked").innerText()).toBe("nuclei32.caffemodel");
  expect(await frame.locator("#image option:checked").innerText()).toBe("tissue-301x257.png");
  await frame.locator("#view").hover({ position: { x: 200, y: 150 } });
  const probe = frame.locator("[data-probe][data-exact]");
  await probe.waitFor();
  const [x, y, exact] = await Promise.all(["data-x", "data-y", "data-exact"].map(async (name) => Number(await probe.getAttribute(name))));
  expect(exact).toBeCloseTo(golden[y! * 301 + x!]!, 3);
});

test("threshold and colour map change what is seen", async () => {
  const view = frame.locator("#view");
  const before = await view.screenshot();
  await frame.locator("#colour-map").selectOption("magma");
  await expect.poll(async () => (await view.screenshot()).equals(before)).toBe(false);
  const coloured = await view.screenshot();
  await view.focus();
  for (let i = 0; i < 10; i++) await workbench.page.keyboard.press("]");
  await frame.getByText("0.600", { exact: false }).first().waitFor();
  await expect.poll(async () => (await view.screenshot()).equals(coloured)).toBe(false);
});

test("the patch classifier verifies both maps", async () => {
  await frame.locator("[data-action='verify']").click();
  await frame.getByText(/verified at 100 pixels.*exact differs by at most/).first().waitFor();
});

/** Exports the shown map through the menu and VS Code's own file dialog. */
async function exported(item: string, name: string): Promise<string> {
  const { page, folder } = workbench;
  const path = join(folder, "nuclei32", name);
  await frame.locator("[data-action='export']").click();
  await frame.getByRole("menuitem", { name: item }).click();
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor();
  await expect.poll(() => input.inputValue()).toContain("tissue-301x257_");
  await input.fill(path);
  await page.keyboard.press("Enter");
  await expect.poll(() => existsSync(path), { timeout: 60_000 }).toBe(true);
  return path;
}

test("each format is exported and read back", async () => {
  const grey = decode(readFileSync(await exported("Grey PNG", "grey.png")));
  expect(difference(Float32Array.from(grey.data, (value) => value / 255), golden).largest).toBeLessThan(0.5 / 255 + 1e-4);
  expect(decode(readFileSync(await exported("Coloured PNG", "colour.png")))).toMatchObject({ width: 301, height: 257, channels: 3 });
  const tiff = await (await fromArrayBuffer(new Uint8Array(readFileSync(await exported("32-bit float TIFF", "map.tif"))).buffer)).getImage();
  expect(difference((await tiff.readRasters())[0] as Float32Array, golden).largest).toBeLessThan(2e-5);
  const mask = decode(readFileSync(await exported("Mask PNG", "mask.png")));
  expect(mask.data.filter((value, i) => (value === 255) !== golden[i]! >= 0.6).length).toBeLessThan(3);
  const { features } = JSON.parse(readFileSync(await exported("GeoJSON contours", "regions.geojson"), "utf8")) as { features: { properties: object }[] };
  expect(features.length).toBeGreaterThan(5);
  expect(features[0]!.properties).toMatchObject({ classification: { name: "nucleus" } });
  const figure = decode(readFileSync(await exported("Figure", "figure.png")));
  expect(figure.width).toBeGreaterThan(600);
});

test("the maps of all images are written to a folder", async () => {
  const { page, folder } = workbench;
  const maps = join(folder, "maps");
  mkdirSync(maps);
  await frame.locator("[data-action='export']").click();
  await frame.getByRole("menuitem", { name: /All \d images/ }).click();
  const input = page.locator(".quick-input-widget input").first();
  await page.getByRole("option", { name: "Mask PNG" }).click();
  await expect.poll(() => input.inputValue()).toContain("nuclei32");
  await input.fill(`${maps}/`);
  await expect.poll(() => page.locator(".quick-input-list .monaco-list-row").count()).toBeLessThan(2);
  await page.getByRole("button", { name: "Write Here" }).click();
  await frame.getByText(/\d maps of \d images written/).first().waitFor();
  const mask = decode(readFileSync(join(maps, "tissue-301x257_exact_mask.png")));
  expect(mask.data.filter((value, i) => (value === 255) !== golden[i]! >= 0.6).length).toBeLessThan(3);
  expect(readdirSync(maps)).toContain("z-large_exact_mask.png");
  // What was in view is there as it was.
  await done();
});

test("a run can be cancelled, and survives the death of its inference process", async () => {
  const cancel = frame.locator("#cancel");
  await frame.locator("#image").selectOption({ label: "z-large.png" });
  await frame.locator("[data-status]", { hasText: /exact \d/ }).waitFor();
  await frame.locator("body").evaluate(followCancel);
  const ended = endOf(inferenceProcess());
  await cancel.click();
  await frame.locator("#run:not([hidden])").waitFor();
  const [clicked, shown]: [number, number] = await frame.locator("body").evaluate("cancelled");
  console.log(`cancelled ${shown - clicked} ms after the click, the inference process gone ${(await ended) - clicked} ms after it`);
  expect(await frame.locator("[data-status]").innerText()).not.toMatch(/patch by patch/);

  await frame.locator("#run").click();
  await frame.locator("[data-status]", { hasText: /exact \d/ }).waitFor();
  process.kill(inferenceProcess(), "SIGKILL");
  await frame.getByText(/the inference process was killed/).first().waitFor();
  await frame.locator("#image").selectOption({ label: "tissue-301x257.png" });
  await done();
});

test("changed weights are noticed", async () => {
  const { folder } = workbench;
  await copyFile("samples/nuclei32/nuclei32.caffemodel", join(folder, "nuclei32/nuclei32.caffemodel"));
  await frame.getByText(/changed|out of date/i).first().waitFor();
});

test("the policy is kept, and nothing is asked of other machines", async () => {
  const violations = (): Promise<unknown> => frame.locator("body").evaluate("violations");
  expect(await violations()).toEqual([]);
  // What lies beside the page comes by an address of VS Code's own, which its service worker answers.
  expect(workbench.outside.filter((url) => !/^https:\/\/[^/]+\.vscode-resource\.vscode-cdn\.net\//.test(url))).toEqual([]);
  // The check itself: a script put into the page is refused, and seen to be.
  await frame.locator("body").evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))");
  await expect.poll(violations).toEqual(["script-src-elem"]);
  expect(await frame.locator("body").evaluate("window.ran === true")).toBe(false);
});

/** In the page: the times, in milliseconds, of the click on Cancel and of the frame in which the panel says that nothing runs. */
const followCancel = `window.cancelled = new Promise((resolve) => {
  document.getElementById("cancel").addEventListener("click", () => {
    const clicked = Date.now();
    const look = () => { if (document.getElementById("run").hidden) requestAnimationFrame(look); else resolve([clicked, Date.now()]); };
    look();
  }, { capture: true, once: true });
}); undefined`;

/** When a process that is not a child of this one is gone, in milliseconds. */
async function endOf(pid: number): Promise<number> {
  while (existsSync(`/proc/${pid}/exe`)) await new Promise((resolve) => setTimeout(resolve, 5));
  return Date.now();
}

/** The inference process of this test's VS Code server. */
function inferenceProcess(): number {
  const { port } = new URL(inject("vscode").origin);
  const commands = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => ({ pid: Number(pid), line: commandOf(pid) }));
  const server = commands.find(({ line }) => line.includes(`127.0.0.1:${port}`))!;
  const extensions = /--extensions-dir\s(\S+)/.exec(server.line)![1]!;
  return commands.findLast(({ pid, line }) => line.includes(`${extensions}/`) && line.includes("inference.cjs") && existsSync(`/proc/${pid}/exe`) && readlinkSync(`/proc/${pid}/exe`) !== "")!.pid;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
