import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Runs the audit against a registry that answers so; without an answer, against a port where nobody listens. */
async function audit(answer: Answer | undefined, settings: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; out: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  if (answer === undefined) await new Promise((resolve) => server.close(resolve));
  // npm keeps what it has heard of a weakness.
  const cache = mkdtempSync(join(tmpdir(), "netsurgeon-audit-"));
  const child = spawn(process.execPath, ["scripts/audit.mjs"], { cwd: root, env: { ...process.env, npm_config_registry: registry, npm_config_cache: cache, ...settings } });
  let out = "";
  child.stdout.on("data", (text) => { out += String(text); });
  const code = await new Promise<number | null>((resolve) => { child.once("close", resolve); });
  rmSync(cache, { recursive: true, force: true });
  if (answer !== undefined) await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return { code, out };
}

/** A registry that knows weaknesses of these packages. */
function registry(known: Readonly<Record<string, readonly unknown[]>>, asked: string[] = []): Answer {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (request.url?.endsWith("/advisories/bulk") === true) {
        const body = Buffer.concat(parts);
        const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
        asked.push(...Object.keys(JSON.parse(text.toString()) as object));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(known));
      } else {
        response.statusCode = 404;
        response.end("{}");
      }
    });
  };
}

const weakness = (name: string, severity: string): Readonly<Record<string, readonly unknown[]>> => ({
  [name]: [{ id: 1, url: "https://example.org/1", title: "Reads too far", severity, vulnerable_versions: "*", cwe: [], cvss: { score: 0, vectorString: null } }],
});

test("the registry knows nothing bad", async () => {
  const asked: string[] = [];
  const { code, out } = await audit(registry({}, asked));
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+ packages asked for: 0 with known weaknesses; of the \d+ that are shipped, 0 with high or critical ones\n$/) as string });
  expect(asked).toEqual(expect.arrayContaining(["onnxruntime-node", "commander", "vitest"]));
});

test.each<[name: string, severity: string, code: number, told: RegExp]>([
  ["onnxruntime-node", "high", 1, /^high: onnxruntime-node: Reads too far \(https:\/\/example\.org\/1\)$/m],
  // Bundled into what is shipped, and no dependency of the package.
  ["commander", "critical", 1, /^critical: commander: Reads too far/m],
  ["commander", "moderate", 0, /^moderate: commander: Reads too far/m],
  ["fast-check", "critical", 0, /^critical: fast-check, which is not shipped: Reads too far/m],
])("a weakness of %s that is %s", async (name, severity, code, told) => {
  const answer = await audit(registry(weakness(name, severity)));
  expect(answer).toEqual({ code, out: expect.stringMatching(told) as string });
});

test("a registry that cannot be asked is no pass, and no setting makes it one", async () => {
  const refused: Answer = (_, response) => { response.statusCode = 405; response.end(); };
  for (const [answer, settings, why] of [
    [undefined, {}, "ECONNREFUSED"],
    [refused, {}, "405"],
    [(_, response) => { response.end("<html>"); }, {}, "."],
    [undefined, { npm_config_offline: "true", npm_config_audit: "false" }, "."],
  ] satisfies [Answer | undefined, Record<string, string>, string][]) {
    expect(await audit(answer, settings)).toEqual({ code: 3, out: expect.stringMatching(new RegExp(`^not run: the registry could not be asked \\(.*${why}.*\\)\\. Nothing is known`)) as string });
  }
});
