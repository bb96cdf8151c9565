// Runs the suites inside the extension host of a VS Code server: `node scripts/run.mjs test/vscode/run-suites.ts [REPORT]`. NETSURGEON_GREP picks tests by name.
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSuites } from "./host/build.ts";
import { makeProfile, remoteUri, showPage, startServer, workbenchUrl } from "./host/host.ts";
import { ensureHost, type Host } from "./host/install.ts";
import { makeWorkspace } from "./host/workspace.ts";
import type { Counts, Report } from "./suites/report.ts";

const timeLimit = 600_000;

async function runSuites(host: Host, tests: string): Promise<Counts> {
  const profile = makeProfile();
  const workspace = makeWorkspace();
  const address = join(profile.root, "report.sock");
  const listener = createServer().listen(address);
  const env = { NETSURGEON_REPORT: address, ...(process.env["NETSURGEON_GREP"] !== undefined && { NETSURGEON_GREP: process.env["NETSURGEON_GREP"] }) };
  const server = await startServer(host, profile, { development: true, env });
  const page = showPage(
    host, profile, workbenchUrl(server.origin, workspace.folder, [["extensionDevelopmentPath", remoteUri(server.origin, ".")], ["extensionTestsPath", remoteUri(server.origin, tests)]]),
    { verbose: process.env["NETSURGEON_VERBOSE"] !== undefined },
  );
  let late: NodeJS.Timeout | undefined;
  try {
    const counts = await new Promise<Counts | undefined>((resolve) => {
      listener.once("connection", (socket) => { void countsOf(socket).then(resolve); });
      late = setTimeout(() => { resolve(undefined); }, timeLimit);
    });
    if (counts === undefined) console.error(`the extension host gave no result within ${timeLimit / 1000} s, or has ended`);
    return counts ?? { passed: 0, failed: 1, skipped: 0 };
  } finally {
    clearTimeout(late);
    await page.stop();
    await server.stop();
    listener.close();
    workspace.remove();
    profile.remove();
  }
}

/** Prints what the suites say until they give their counts; undefined where they end without. */
async function countsOf(socket: Socket): Promise<Counts | undefined> {
  for await (const text of createInterface(socket)) {
    const report = JSON.parse(text) as Report;
    if ("counts" in report) return report.counts;
    console.log(report.line);
  }
  return undefined;
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
