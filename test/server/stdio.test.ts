import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter, type InitializeResult, type PublishDiagnosticsParams } from "vscode-languageserver/node";

const dist = join(import.meta.dirname, "../../dist");
let child: ChildProcess | undefined;
afterEach(() => void child?.kill());

/** Checks that a program serves an editor over its standard streams, and ends when the editor says so. */
async function checkProgram(args: readonly string[]): Promise<void> {
  const program = spawn(process.execPath, [...args], { stdio: ["pipe", "pipe", "inherit"] });
  child = program;
  const ended = new Promise<number | null>((resolve) => program.once("exit", resolve));
  const connection = createProtocolConnection(new StreamMessageReader(program.stdout), new StreamMessageWriter(program.stdin));
  const published = new Promise<PublishDiagnosticsParams>((resolve) => connection.onNotification("textDocument/publishDiagnostics", resolve));
  connection.listen();
  // An editor with no abilities but the protocol's own; its settings come at the start.
  const { capabilities, serverInfo } = await connection.sendRequest<InitializeResult>("initialize", {
    processId: process.pid, rootUri: null, capabilities: {}, initializationOptions: { settings: { rules: { "unknown-bottom": "warning" } } },
  });
  expect(serverInfo?.name).toBe("Net Surgeon");
  expect(capabilities.hoverProvider).toBe(true);
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri: "file:///nowhere/net.prototxt", languageId: "prototxt", version: 1, text: 'layer { name: "r" type: "ReLU" bottom: "x" top: "r" }\n' } });
  const { diagnostics } = await published;
  expect(diagnostics).toMatchObject([{ code: "unknown-bottom", severity: 2, codeDescription: { href: expect.stringMatching(/docs\/rules\.md#unknown-bottom$/) as string } }]);
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  expect(await ended).toBe(0);
  connection.dispose();
}

describe.skipIf(!existsSync(join(dist, "cli.cjs")))("the programs as built", () => {
  test("netsurgeon lsp --stdio", async () => checkProgram([join(dist, "cli.cjs"), "lsp", "--stdio"]));
  test("netsurgeon lsp", async () => checkProgram([join(dist, "cli.cjs"), "lsp"]));
  test("the server that the extension starts", async () => checkProgram([join(dist, "server.cjs"), "--stdio"]));
});
