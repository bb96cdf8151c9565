// Takes the pictures of docs/images in a real workbench: `npm run screenshots [NAME…]`.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser, makeProfile, startServer } from "./host/host.ts";
import { ensureHost } from "./host/install.ts";
import { openPage, type Workbench } from "./ui/page.ts";

const folder = "docs/images";
const themes = { light: { name: "Default Light Modern", kind: "vs" }, dark: { name: "Default Dark Modern", kind: "vs-dark" } };
const size = { width: 1100, height: 640 };

/** The editor and nothing else. */
const bare = {
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "workbench.layoutControl.enabled": false,
  "workbench.activityBar.location": "hidden",
  "workbench.navigationControl.enabled": false,
  "workbench.statusBar.visible": false,
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.renderLineHighlight": "none",
  "editor.stickyScroll.enabled": false,
  "editor.hover.delay": 0,
  "editor.fontFamily": "DejaVu Sans Mono",
  "editor.fontSize": 13,
  "diffEditor.hideUnchangedRegions.enabled": true,
};

/** A picture: the file that is open, and the way to what it shows. */
interface Picture {
  readonly file: string;
  show(workbench: Workbench): Promise<void>;
}

const pictures: Readonly<Record<string, Picture>> = {
  "quick-fix": {
    file: "classifier.prototxt",
    async show({ page, goTo, line }) {
      await line("32 x 33 x 33").waitFor();
      await page.locator(".squiggly-warning").first().waitFor();
      await goTo(14, 57);
      await page.keyboard.press("Control+.");
      await page.locator(".action-widget .monaco-list-row").first().waitFor();
    },
  },
  "hints-and-lens": {
    file: "nuclei32/deploy.prototxt",
    async show({ page, goTo, line }) {
      await goTo(1, 1);
      await line("32 x 30 x 30").waitFor();
      await page.locator(".codelens-decoration", { hasText: "parameters" }).waitFor();
    },
  },
  hover: {
    file: "nuclei32/deploy.prototxt",
    async show({ page, goTo, line, hover }) {
      await goTo(45, 1);
      await line("32 x 12 x 12").waitFor();
      await hover(line('name: "conv2"').getByText('"conv2"'), page.locator(".monaco-hover:visible", { hasText: "9,248 parameters" }).first());
    },
  },
  conversion: {
    file: "nuclei32/deploy.prototxt",
    async show({ page, goTo, run, choose, answer, line }) {
      await goTo(9, 1);
      await line("32 x 30 x 30").waitFor();
      await run("Net Surgeon: Convert to Fully Convolutional");
      await choose("For an image");
      await answer("2000 x 2000");
      await choose("nuclei32.caffemodel");
      await page.locator(".diff-editor, .monaco-diff-editor").first().waitFor();
      await page.locator(".modified .view-line", { hasText: "64 x 501 x 501" }).first().waitFor();
    },
  },
  diagnostics: {
    file: "classifier.prototxt",
    async show({ page, goTo, run, line }) {
      await page.locator(".squiggly-warning").first().waitFor();
      await line("32 x 33 x 33").waitFor();
      await goTo(25, 1);
      await run("Problems: Focus on Problems View");
      await page.locator(".markers-panel .monaco-list-row").nth(3).waitFor();
    },
  },
};

const host = await ensureHost();
if ("missing" in host) throw new Error(`no VS Code: ${host.missing}`);
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const theme of ["light", "dark"] as const) {
  const profile = makeProfile({ ...bare, "workbench.colorTheme": themes[theme].name });
  const server = await startServer(host, profile, { development: true });
  const workbench = await openPage(await launchBrowser(host), server.origin, pictures["hints-and-lens"]!.file, { ...size, development: "." });
  const { page } = workbench;
  try {
    await page.locator(`.monaco-workbench.${themes[theme].kind}`).waitFor();
    await workbench.hideSideBar();
    for (const [name, picture] of Object.entries(pictures)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await workbench.closeAll();
      await workbench.open(picture.file);
      await picture.show(workbench);
      const path = join(folder, `${name}-${theme}.png`);
      await page.screenshot({ path });
      console.log(`${path}  ${Math.round(statSync(path).size / 1000)} KB`);
      await page.keyboard.press("Escape");
    }
  } catch (error) {
    await page.screenshot({ path: "build/screenshot-failure.png" });
    throw error;
  } finally {
    await workbench.close();
    await server.stop();
    profile.remove();
  }
}
