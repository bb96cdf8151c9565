// Runs the suites inside the extension host of a VS Code server: `node scripts/run.mjs test/vscode/run-suites.ts [REPORT]`. NETSURGEON_GREP picks tests by name.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSuites } from "./host/build.ts";
import { launchBrowser, makeProfile, remoteUri, startServer, workbenchUrl } from "./host/host.ts";
import { ensureHost, type Host } from "./host/install.ts";
import { makeWorkspace } from "./host/workspace.ts";

const timeLimit = 600_000;

async function runSuites(host: Host, tests: string): Promise<{ passed: number; failed: number; skipped: number }> {
  const profile = makeProfile();
  const workspace = makeWorkspace();
  const report = join(profile.root, "report.json");
  const env = { NETSURGEON_REPORT: report, ...(process.env["NETSURGEON_GREP"] !== undefined && { NETSURGEON_GREP: process.env["NETSURGEON_GREP"] }) };
  const server = await startServer(host, profile, { development: true, env });
  const browser = await launchBrowser(host);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    // The workbench reports through these functions of its page.
    const done = new Promise<number>((resolve) => void page.exposeFunction("codeAutomationExit", resolve));
    await page.exposeFunction("codeAutomationLog", (type: string, args: readonly unknown[]) => {
      const line = args.map(String).join(" ");
      if (line.startsWith("@@")) console.log(line.slice(2));
      else if (process.env["NETSURGEON_VERBOSE"] !== undefined) console.error(`[${type}] ${line}`);
    });
    await page.goto(workbenchUrl(server.origin, workspace.folder, [["extensionDevelopmentPath", remoteUri(server.origin, ".")], ["extensionTestsPath", remoteUri(server.origin, tests)]]));
    const late = setTimeout(() => void page.close(), timeLimit);
    const code = await Promise.race([done, new Promise<"late">((resolve) => page.once("close", () => { resolve("late"); }))]);
    clearTimeout(late);
    if (code === "late") console.error(`no result from the extension host after ${timeLimit / 1000} s`);
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    return JSON.parse(readFileSync(report, "utf8")) as { passed: number; failed: number; skipped: number };
  } finally {
    await browser.close();
    await server.stop();
    workspace.remove();
    profile.remove();
  }
}

const host = await ensureHost();
if ("missing" in host) {
  console.error(`no VS Code: ${host.missing}`);
  process.exitCode = 1;
} else {
  const counts = await runSuites(host, await buildSuites());
  console.log(`in the extension host: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (process.argv[2] !== undefined) writeFileSync(process.argv[2], JSON.stringify(counts));
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}
