import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { installExtension, makeProfile, startServer } from "../host/host.ts";
import { ensureHost, type Host } from "../host/install.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The VS Code server with the packaged extension. */
    readonly vscode: { readonly host: Host; readonly vsix: string; readonly origin: string };
  }
}

/** Packs the extension, installs the package into a VS Code server of its own, and starts that. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = await ensureHost();
  if ("missing" in host) throw new Error(`no VS Code: ${host.missing}`);
  const vsix = process.env["NETSURGEON_VSIX"] ?? pack();
  const profile = makeProfile();
  await installExtension(host, profile, vsix);
  const server = await startServer(host, profile);
  project.provide("vscode", { host, vsix, origin: server.origin });
  return async () => {
    await server.stop();
    profile.remove();
  };
}

function pack(): string {
  execFileSync(process.execPath, ["scripts/package.mjs", "linux-x64"], { stdio: ["ignore", "ignore", "inherit"] });
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  return `build/netsurgeon-linux-x64-${version}.vsix`;
}
