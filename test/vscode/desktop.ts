// Runs the suites in a desktop VS Code, which is downloaded: `npm run test:desktop [VERSION]`. VERSION: stable, insiders, 1.99.0, …
import { resolve } from "node:path";
import { runTests } from "@vscode/test-electron";
import { buildSuites } from "./host/build.ts";
import { makeProfile } from "./host/host.ts";
import { makeWorkspace } from "./host/workspace.ts";

const tests = await buildSuites();
const profile = makeProfile();
const workspace = makeWorkspace();
try {
  process.exitCode = await runTests({
    version: process.argv[2] ?? "stable",
    extensionDevelopmentPath: resolve("."),
    extensionTestsPath: resolve(tests),
    launchArgs: [workspace.folder, "--user-data-dir", profile.data, "--extensions-dir", profile.extensions, "--disable-workspace-trust", "--skip-welcome"],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  workspace.remove();
  profile.remove();
}
