import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readImage } from "../../../src/image/image.ts";
import { writePng } from "../../../src/image/png-encode.ts";
import { scaleImage } from "../../../src/image/scale.ts";
import { hasSoftwareDevice, softwareDevice } from "../../support/software-device.ts";
import { installExtension, makeProfile, startServer, type Profile, type VsCodeServer } from "../host/host.ts";
import { openPreview, type Preview } from "./preview.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

let profile: Profile;
let server: VsCodeServer;
let workbench: Workbench;
let frame: FrameLocator;
let done: Preview["done"];
beforeAll(async () => {
  const { host, vsix } = inject("vscode");
  profile = makeProfile();
  await installExtension(host, profile, vsix);
  server = await startServer(host, profile, { env: hasSoftwareDevice ? { VK_ICD_FILENAMES: softwareDevice } : {} });
  workbench = await openWorkbench(undefined, { origin: server.origin, width: 1600, height: 900, settings: { "netsurgeon.preview.provider": "cpu" } });
  // By the address of the window a file would be opened anew at each reload, in whose favour VS Code forgets the editors that were open.
  await workbench.open("nuclei32/deploy.prototxt");
  ({ frame, done } = await openPreview(workbench));
  await done();
});
afterAll(async () => {
  await workbench.close();
  await server.stop();
  profile.remove();
});

/** Drops a file, or the address of one, on the panel. */
async function dropped(what: Parameters<typeof drop>[1]): Promise<void> {
  await frame.locator("#app").evaluate(drop, what);
  // While something is dragged VS Code keeps the mouse from panels, until it moves without a button.
  for (const x of [100, 110]) await workbench.page.mouse.move(x, 400);
}

const net = (): string => join(workbench.folder, "nuclei32/deploy.prototxt");

test("after a reload of the window the view is as it was left, with its results", async () => {
  await frame.locator("[data-action='swipe']").click();
  await frame.locator("#colour-map").selectOption("inferno");
  await frame.locator("#view").focus();
  for (let i = 0; i < 5; i++) await workbench.page.keyboard.press("]");
  await frame.getByText("0.550", { exact: false }).first().waitFor();
  const loaded = workbench.page.waitForEvent("load");
  await workbench.run("Developer: Reload Window");
  await loaded;
  await done();
  await frame.locator("[data-action='swipe'][aria-pressed='true']").waitFor();
  expect(await frame.locator("#colour-map").inputValue()).toBe("inferno");
  await frame.getByText("0.550", { exact: false }).first().waitFor();
  await frame.locator("#view").hover({ position: { x: 200, y: 150 } });
  await frame.locator("[data-probe][data-exact]").waitFor();
  await frame.locator("[data-action='single']").click();
});

test("an image dropped on the panel is computed", async () => {
  const bytes = readFileSync("samples/nuclei32/tissue-512.png").toString("base64");
  await dropped({ name: "dropped tissue.png", bytes });
  await frame.locator("#image option:checked", { hasText: "dropped tissue.png" }).waitFor({ state: "attached" });
  await frame.locator("[data-status]", { hasText: "262,144 pixels" }).waitFor();
  await done();
});

test("a file of the explorer dropped on the panel is taken by its address", async () => {
  const uri = `vscode-remote://${new URL(server.origin).host}${join(workbench.folder, "nuclei32/tissue-301x257.png")}`;
  await dropped({ uri });
  await frame.locator("#image option:checked", { hasText: "tissue-301x257.png" }).waitFor({ state: "attached" });
  await frame.locator("[data-status]", { hasText: "77,357 pixels" }).waitFor();
  await done();
});

test("what cannot be used is said by its name", async () => {
  await dropped({ name: "notes.docx", bytes: "" });
  await frame.getByText(/notes\.docx: not a model, an image, a mean image or a list of labels/).first().waitFor();
});

test("a saved prototxt is offered to be run again, and by setting is", async () => {
  const stale = frame.locator(".chip.warning", { hasText: "changed since the run" });
  await frame.locator("#view").hover({ position: { x: 200, y: 150 } });
  const probe = frame.locator("[data-probe][data-exact]");
  await probe.waitFor();
  const before = await probe.getAttribute("data-exact");
  // Another normalisation: the same weights fit, and give other values.
  await writeFile(net(), readFileSync(net(), "utf8").replaceAll("alpha: 0.0001", "alpha: 0.5"));
  await stale.waitFor();
  await frame.locator("#run").click();
  await stale.waitFor({ state: "hidden" });
  await done();
  await frame.locator("#view").hover({ position: { x: 200, y: 150 } });
  await frame.locator(`[data-probe][data-exact]:not([data-exact="${before}"])`).waitFor();

  const settings = join(workbench.folder, ".vscode/settings.json");
  await writeFile(settings, JSON.stringify({ "netsurgeon.preview.provider": "cpu", "netsurgeon.preview.refreshOnSave": true }));
  await frame.locator("[data-action='settings']").click();
  await frame.locator("#refresh:checked").waitFor();
  await frame.locator("[data-action='settings']").click();
  await writeFile(net(), readFileSync(net(), "utf8").replaceAll("alpha: 0.5", "alpha: 0.0001"));
  // Nobody clicks: it runs by itself, and gives the first value again.
  await expect.poll(async () => {
    await frame.locator("#view").hover({ position: { x: 201, y: 150 } });
    await frame.locator("#view").hover({ position: { x: 200, y: 150 } });
    return probe.getAttribute("data-exact", { timeout: 1000 }).catch(() => undefined);
  }, { timeout: 120_000 }).toBe(before);
});

test.runIf(hasSoftwareDevice)("WebGPU computes through the preview, on a device in software", async () => {
  const { folder, page } = workbench;
  // Small: a device in software takes its time.
  await writePng(join(folder, "nuclei32/z-small.png"), scaleImage(await readImage("samples/nuclei32/tissue-301x257.png"), 0.4));
  await frame.locator("#image").selectOption({ label: "z-small.png" });
  await frame.locator("[data-status]", { hasText: "12,360 pixels" }).waitFor();
  await done();
  await writeFile(join(folder, ".vscode/settings.json"), JSON.stringify({ "netsurgeon.preview.provider": "webgpu" }));
  await frame.locator("[data-provider]", { hasText: "WebGPU" }).waitFor();
  await done();
  await frame.locator("[data-action='verify']").click();
  const verified = frame.getByText(/verified at 100 pixels.*exact differs by at most/).first();
  await verified.waitFor();
  expect(await frame.locator("[data-provider]").innerText()).toBe("WebGPU");
  expect(Number(/exact differs by at most ([\d.e−]+)/.exec(await verified.innerText())?.[1]?.replace("−", "-"))).toBeLessThan(0.001);
  await page.keyboard.press("Escape");
});

test("the CUDA libraries are fetched only after the user has agreed", async () => {
  const { page } = workbench;
  await workbench.run("Net Surgeon: Install CUDA Libraries");
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.getByText("Install onnxruntime's CUDA libraries?").waitFor();
  await dialog.getByText(/some hundred MB from NuGet/).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.locator(".terminal-wrapper").count()).toBe(0);
});

/** In the page: drags a file, or the address of one, onto the panel and lets go. */
function drop(target: unknown, { name, bytes, uri }: { readonly name?: string; readonly bytes?: string; readonly uri?: string }): void {
  const { DataTransfer: Transfer, DragEvent: Drag, File: PageFile } = globalThis as unknown as {
    DataTransfer: new () => { setData(type: string, text: string): void; readonly items: { add(file: object): void } };
    DragEvent: new (type: string, options: object) => object;
    File: typeof File;
  };
  const dataTransfer = new Transfer();
  if (uri !== undefined) dataTransfer.setData("application/vnd.code.uri-list", uri);
  if (name !== undefined) dataTransfer.items.add(new PageFile([Uint8Array.from(atob(bytes ?? ""), (byte) => byte.charCodeAt(0))], name));
  for (const type of ["dragenter", "dragover", "drop"]) (target as { dispatchEvent(event: object): void }).dispatchEvent(new Drag(type, { dataTransfer, bubbles: true, cancelable: true }));
}
