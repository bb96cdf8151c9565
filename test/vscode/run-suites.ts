// Runs the suites inside the extension host of a VS Code server: `node scripts/run.mjs test/vscode/run-suites.ts [REPORT]`. NETSURGEON_GREP picks tests by name.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { buildSuites } from "./host/build.ts";
import { makeProfile, remoteUri, showPage, startServer, workbenchUrl, type Running } from "./host/host.ts";
import { ensureHost, type Host } from "./host/install.ts";
import { makeWorkspace } from "./host/workspace.ts";
import type { Counts, Report } from "./suites/report.ts";

/** Seconds until the extension host begins, and until it has ended. */
const limits = { begin: 180, end: 600 };

async function runSuites(host: Host, tests: string): Promise<Counts> {
  const profile = makeProfile();
  const workspace = makeWorkspace();
  const started: Running[] = [];
  const hosts: Socket[] = [];
  const listener = createServer((socket) => { hosts.push(socket); });
  try {
    const address = join(profile.root, "report.sock");
    const connected = once(listener.listen(address), "connection") as Promise<[Socket]>;
    const env = { NETSURGEON_REPORT: address, ...(process.env["NETSURGEON_GREP"] !== undefined && { NETSURGEON_GREP: process.env["NETSURGEON_GREP"] }) };
    const server = await startServer(host, profile, { development: true, env });
    started.push(server);
    const page = showPage(
      host, profile, workbenchUrl(server.origin, workspace.folder, [["extensionDevelopmentPath", remoteUri(server.origin, ".")], ["extensionTestsPath", remoteUri(server.origin, tests)]]),
      { verbose: process.env["NETSURGEON_VERBOSE"] !== undefined },
    );
    started.push(page);
    const failed = Promise.race([server.failed, page.failed]);
    const [socket] = await Promise.race([connected, failed, late("the extension host has not begun with the suites", limits.begin)]);
    return await Promise.race([countsOf(socket), failed, late("the suites have not ended", limits.end)]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    for (const program of started.reverse()) await program.stop();
    // A host whose server has died lives on for a few seconds.
    hosts.forEach((socket) => socket.destroy());
    listener.close();
    workspace.remove();
    profile.remove();
  }
}

/** Prints what the suites say until they give their counts. */
async function countsOf(socket: Socket): Promise<Counts> {
  for await (const text of createInterface(socket)) {
    // A host that dies may leave half a line.
    const report = text.endsWith("}") ? JSON.parse(text) as Report : { line: text };
    if ("counts" in report) return report.counts;
    console.log(report.line);
  }
  throw new Error("the extension host has ended before the suites");
}

async function late(what: string, seconds: number): Promise<never> {
  await setTimeout(1000 * seconds, undefined, { ref: false });
  throw new Error(`${what} after ${seconds} s; NETSURGEON_VERBOSE=1 shows what VS Code says`);
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
