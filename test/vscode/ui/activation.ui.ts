import { expect, test } from "vitest";
import { openWorkbench } from "./workbench.ts";

test("activation, as VS Code measures it, once VS Code itself has started", async () => {
  const workbench = await openWorkbench(undefined);
  try {
    const { page, open, run } = workbench;
    await open("notes.txt");
    // The file explorer and the status bar are there: what the start of VS Code does itself is over.
    await page.locator(".statusbar-item").first().waitFor();
    await page.waitForLoadState("networkidle");
    await open("nuclei32/deploy.prototxt");
    await page.locator(".codelens-decoration a", { hasText: "Convert to fully convolutional" }).first().waitFor();
    await run("Developer: Show Running Extensions");
    // The slowest come first, and only what is in sight is there.
    await page.setViewportSize({ width: 1280, height: 6000 });
    const row = page.locator(".runtime-extensions-editor .monaco-list-row, .editor-container .extension", { hasText: "Net Surgeon" }).first();
    await row.waitFor();
    const said = (await row.innerText()).replace(/\s+/g, " ");
    const time = /Activation: (\d+)ms/.exec(said)?.[1];
    expect(time, said).toBeDefined();
    console.log(`activation, as VS Code measures it: ${time} ms`);
  } finally {
    await workbench.close();
  }
});
