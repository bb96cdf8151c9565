import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { installExtension, makeProfile, startServer, type Profile, type VsCodeServer } from "../host/host.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

let profile: Profile;
let server: VsCodeServer;
let workbench: Workbench;
beforeAll(async () => {
  const { host, vsix } = inject("vscode");
  profile = makeProfile({ "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" });
  await installExtension(host, profile, vsix);
  server = await startServer(host, profile, { trust: true });
  workbench = await openWorkbench("nuclei32/deploy.prototxt", { origin: server.origin });
});
afterAll(async () => {
  await workbench.close();
  await server.stop();
  profile.remove();
});

test("in a folder that is not trusted, the language features work", async () => {
  await workbench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  await workbench.line('top: "conv1"32 x 30 x 30').waitFor();
});

test("and what writes files or reads models is not offered", async () => {
  await workbench.page.locator(".editor-actions [aria-label^='Show Shapes and Costs']").first().waitFor();
  const offered = (await workbench.offered("Net Surgeon:")).join("; ");
  expect(offered).toContain("Show Shapes and Costs");
  for (const title of ["Convert", "Export", "Check Weights"]) expect(offered).not.toContain(title);
});
