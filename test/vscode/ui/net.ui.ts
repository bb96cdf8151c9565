import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "./workbench.ts";

declare function getComputedStyle(element: unknown): { readonly color: string };

let workbench: Workbench;
beforeAll(async () => { workbench = await openWorkbench("nuclei32/deploy.prototxt"); });
afterAll(() => workbench.close());

test("inlay hints show shapes where they change", async () => {
  await workbench.line('top: "conv1"32 x 30 x 30').waitFor();
});

test("comments, strings, numbers, fields, messages and types each have their colour", async () => {
  const { page } = workbench;
  const colour = (line: string, token: string): Promise<string> =>
    page.locator(".view-line", { hasText: line }).first().locator("span > span", { hasText: token }).first().evaluate((element) => getComputedStyle(element).color);
  const colours = await Promise.all([
    colour("# Nuclei patch", "Nuclei"), colour('name: "nuclei32"', "nuclei32"), colour("num_output: 32", "32"), colour("num_output: 32", "num_output"), colour("convolution_param {", "convolution_param"),
  ]);
  expect(new Set(colours).size).toBe(colours.length);
});

test("hover tells a layer's shapes, parameters and receptive field", async () => {
  const { page, line, hover } = workbench;
  const facts = page.locator(".monaco-hover:visible", { hasText: "896 parameters" }).first();
  await hover(line('name: "conv1"').getByText('"conv1"'), facts);
  expect(await facts.innerText()).toContain("receptive field 3, stride 1");
  await page.keyboard.press("Escape");
});

test("the line above converts: questions, both files, a diff of the two nets", async () => {
  const { page, folder, choose, answer } = workbench;
  await page.locator(".codelens-decoration a", { hasText: "Convert to fully convolutional" }).first().click();
  await choose("For an image");
  await answer("200 x 100");
  await choose("nuclei32.caffemodel");
  await page.locator(".monaco-diff-editor .view-line", { hasText: "dim: 232 dim: 132" }).first().waitFor();
  expect(readFileSync(join(folder, "nuclei32/deploy_full.prototxt"), "utf8")).toMatch(/dim: 232 dim: 132/);
  expect(existsSync(join(folder, "nuclei32/nuclei32_full.caffemodel"))).toBe(true);
});

test("a second conversion asks first and, without a yes, leaves the files as they are", async () => {
  const { page, folder, choose, open, run } = workbench;
  await open("nuclei32/deploy.prototxt");
  await run("Net Surgeon: Convert to Fully Convolutional");
  await choose("Leave the input");
  await choose("Convert the net only");
  const question = page.locator(".monaco-dialog-box", { hasText: "deploy_full.prototxt exists already" });
  await question.waitFor();
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  expect(readFileSync(join(folder, "nuclei32/deploy_full.prototxt"), "utf8")).toMatch(/dim: 232 dim: 132/);
});

test("the button in the title opens the table of shapes and costs", async () => {
  const { page } = workbench;
  await page.locator(".editor-actions [aria-label^='Show Shapes and Costs']").first().click();
  const table = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await table.locator("tr", { hasText: "fc6" }).first().waitFor();
});

test("where no prototxt is open, the palette offers nothing that needs one", async () => {
  await workbench.open("notes.txt");
  const offered = (await workbench.offered("Net Surgeon:")).join("; ");
  expect(offered).toContain("Restart Language Server");
  for (const title of ["Convert", "Export", "Upgrade", "Check Weights", "Show Shapes"]) expect(offered).not.toContain(title);
});
