import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "./workbench.ts";

let workbench: Workbench;
beforeAll(async () => { workbench = await openWorkbench("broken.prototxt"); });
afterAll(() => workbench.close());

test("squiggles under what is wrong", async () => {
  await workbench.page.locator(".squiggly-error").nth(1).waitFor();
});

test("the palette offers what applies to this net, and no more", async () => {
  // This button wants a trusted folder, which VS Code knows some time after it shows the text.
  await workbench.page.locator(".editor-actions .action-item:not(.disabled) .action-label:not(.disabled)[aria-label^='Preview Segmentation']").first().waitFor();
  const offered = (await workbench.offered("Net Surgeon:")).join("; ");
  for (const title of ["Export to ONNX", "Check Weights", "Show Shapes and Costs", "Restart Language Server"]) expect(offered).toContain(title);
  for (const title of ["Convert to Fully Convolutional", "Upgrade to Current Format"]) expect(offered).not.toContain(title);
});

test("the Problems panel says what to do", async () => {
  const { page, run } = workbench;
  await run("Problems: Focus on Problems View");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: "pol1" }).first();
  await problem.waitFor();
  expect(await problem.innerText()).toContain("Did you mean 'pool1'?");
});

test("the lightbulb mends it", async () => {
  const { page, goTo, line } = workbench;
  await page.locator(".editor-instance .view-lines").first().click();
  await goTo(26, 14);
  await page.locator(".lightBulbWidget:visible, .cgmr[class*='lightbulb']:visible, .cgmr[class*='codicon-gutter-light']:visible").first().click();
  await page.locator(".action-widget .monaco-list-row", { hasText: "pool1" }).first().click();
  await line('bottom: "pool1"').waitFor();
  await page.locator(".markers-panel .monaco-list-row", { hasText: "pol1" }).first().waitFor({ state: "detached" });
});

test("nothing is asked of other machines", () => {
  expect(workbench.outside).toEqual([]);
});
