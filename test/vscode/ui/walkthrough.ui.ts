import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorkbench, type Workbench } from "./workbench.ts";

let workbench: Workbench;
beforeAll(async () => {
  // Where it is narrow, VS Code leaves the pictures out.
  workbench = await openWorkbench(undefined, { width: 1600, height: 900 });
  await workbench.hideSideBar();
});
afterAll(() => workbench.close());

test("the walkthrough shows a picture in the theme's colours for each step, and opens the sample", async () => {
  const { page, run, choose } = workbench;
  await run("Welcome: Open Walkthrough...");
  await choose("Get started with Net Surgeon");
  const steps = page.locator(".gettingStartedContainer .step-list-container .getting-started-step");
  await expect.poll(() => steps.count()).toBe(5);
  const picture = page.frameLocator(".gettingStartedContainer iframe.webview").frameLocator("iframe#active-frame").locator("svg");
  for (const title of ["See whether it is fit", "Convert it", "See the segmentation", "Take it along", "Open a net"]) {
    await steps.filter({ hasText: title }).locator(".step-title").click();
    await picture.locator(`xpath=self::*[contains(@aria-label, "${labels[title]!}")]`).waitFor();
    // A variable that the theme does not have would leave the text without a colour.
    const [ink, paper] = await Promise.all(["text", "rect"].map((name) => picture.locator(name).first().evaluate(fillOf)));
    expect(ink).toMatch(/^rgb/);
    expect(ink).not.toBe(paper);
  }
  await page.locator(".gettingStartedContainer").getByRole("button", { name: "Open the Sample" }).click();
  await page.locator('.monaco-editor[data-uri$="/sample/deploy.prototxt"]').waitFor();
  await workbench.line("32 x 30 x 30").waitFor();
});

test("its actions are for the net that is open, although the walkthrough is in front", async () => {
  const { page } = workbench;
  await page.locator(".tab").first().click();
  await page.locator(".gettingStartedContainer .getting-started-step", { hasText: "See the segmentation" }).locator(".step-title").click();
  await page.locator(".gettingStartedContainer").getByRole("button", { name: "Preview Segmentation" }).click();
  await page.locator(".tab", { hasText: "Preview: deploy.prototxt" }).waitFor();
});

const labels: Readonly<Record<string, string>> = {
  "Open a net": "A net in the editor",
  "See whether it is fit": "A finding",
  "Convert it": "becomes a convolution",
  "See the segmentation": "The preview",
  "Take it along": "go on as files",
};

/** In the page: the colour that an element is filled with. */
function fillOf(element: unknown): string {
  return getComputedStyle(element).fill;
}
declare function getComputedStyle(element: unknown): { readonly fill: string };
