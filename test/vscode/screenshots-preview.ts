// Takes the screenshots of the preview for docs/images: `npm run screenshots`. A real VS Code with the extension from this folder.
import { mkdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureHost, type Host } from "./host/install.ts";
import { launchBrowser, makeProfile, remoteUri, startServer, workbenchUrl } from "./host/host.ts";
import { makeWorkspace } from "./host/workspace.ts";

const themes = { dark: "Default Dark Modern", light: "Default Light Modern" } as const;
/** What is shown, by the action that shows it; each in one theme, the first in both. */
const shots = [
  { name: "preview-side-by-side", action: "sideBySide", theme: "dark" },
  { name: "preview-side-by-side-light", action: "sideBySide", theme: "light" },
  { name: "preview-swipe", action: "swipe", theme: "light" },
  { name: "preview-difference", action: "difference", theme: "dark" },
] as const;

async function shoot(host: Host, theme: keyof typeof themes): Promise<void> {
  const profile = makeProfile({ "workbench.colorTheme": themes[theme], "workbench.activityBar.location": "hidden" });
  const workspace = makeWorkspace();
  await copyFile("samples/nuclei32/tissue-512.png", join(workspace.folder, "nuclei32/tissue-512.png"));
  const server = await startServer(host, profile, { development: true });
  const browser = await launchBrowser(host);
  try {
    const page = await browser.newPage({ viewport: { width: 1500, height: 860 }, deviceScaleFactor: 1 });
    page.setDefaultTimeout(180_000);
    const net = remoteUri(server.origin, join(workspace.folder, "nuclei32/deploy.prototxt"));
    await page.goto(workbenchUrl(server.origin, workspace.folder, [["extensionDevelopmentPath", remoteUri(server.origin, process.cwd())], ["openFile", net]]), { timeout: 180_000 });
    const offer = page.locator(".editor-actions a[aria-label*='Preview Segmentation']");
    // On a machine that is very busy VS Code gives up on an extension host that starts too slowly; a reload starts another.
    await offer.waitFor({ timeout: 90_000 }).catch(() => page.reload());
    await offer.click();
    const frame = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
    await frame.locator("[data-status]", { hasText: /exact .*patch by patch/ }).waitFor();
    // The side bar gives its room to the preview.
    await page.keyboard.press("Control+B");
    await frame.locator("#image").selectOption({ label: "tissue-512.png" });
    await frame.locator("[data-status]", { hasText: "262,144 pixels" }).waitFor();
    for (const { name, action } of shots.filter((shot) => shot.theme === theme)) {
      await frame.locator(`[data-action="${action}"]`).click();
      // From elsewhere to a place that lies on the picture in every view.
      await page.mouse.move(5, 5);
      await frame.locator("#view").hover({ position: { x: 230, y: 230 } });
      await frame.locator("[data-probe][data-exact] tr.largest").waitFor();
      await page.screenshot({ path: `docs/images/${name}.png` });
      console.log(`docs/images/${name}.png`);
    }
  } finally {
    await browser.close();
    await server.stop();
    profile.remove();
    workspace.remove();
  }
}

const host = await ensureHost();
if ("missing" in host) throw new Error(`no VS Code: ${host.missing}`);
mkdirSync("docs/images", { recursive: true });
for (const theme of ["light", "dark"] as const) await shoot(host, theme);
