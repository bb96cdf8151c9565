import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "./workbench.ts";

let workbench: Workbench;
beforeAll(async () => { workbench = await openWorkbench("broken.prototxt"); });
afterAll(() => workbench.close());

test("squiggles and the Problems panel name what is wrong", async () => {
  const { page } = workbench;
  await page.locator(".squiggly-error").first().waitFor();
  await page.keyboard.press("Control+Shift+M");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: "pol1" });
  await problem.first().waitFor();
  expect(await problem.first().innerText()).toContain("Did you mean 'pool1'?");
});

test("nothing is asked of other machines", () => {
  expect(workbench.outside).toEqual([]);
});
