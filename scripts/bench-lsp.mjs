// Measures the language server in a process of its own, as an editor uses it, and prints the figures with their limits.
//   node scripts/bench-lsp.mjs [--json]       limits are given for comparison; it judges nothing
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver/node";

const server = fileURLToPath(new URL("../dist/server.cjs", import.meta.url));
if (!existsSync(server)) {
  console.error("dist/server.cjs is missing: run `node scripts/build.mjs` first.");
  process.exit(2);
}

/** A net of convolutions and ReLUs in place, written alike or so that no two of one type are. */
function bigNet(layers, alike = true) {
  const parts = ['name: "big"\nlayer {\n  name: "data"\n  type: "Input"\n  top: "data"\n  input_param { shape { dim: 1 dim: 3 dim: 224 dim: 224 } }\n}\n'];
  let bottom = "data";
  for (let i = 1; parts.length < layers; i++) {
    const comment = alike ? "" : ` # ${i}`;
    const conv = `  convolution_param {${comment}\n    num_output: ${alike ? 16 : i}\n    kernel_size: 3\n    pad: 1\n    weight_filler { type: "xavier" }\n    bias_filler { type: "constant" value: 0.1 }\n  }\n`;
    parts.push(`layer {${comment}\n  name: "conv${i}"\n  type: "Convolution"\n  bottom: "${bottom}"\n  top: "conv${i}"\n  param { lr_mult: 1 decay_mult: 1 }\n  param { lr_mult: 2 decay_mult: 0 }\n${conv}}\n`);
    parts.push(`layer {${comment}\n  name: "relu${i}"\n  type: "ReLU"\n  bottom: "conv${i}"\n  top: "conv${i}"\n}\n`);
    bottom = `conv${i}`;
  }
  return parts.join("");
}

/** Numbers from 0 to 1 that are the same on every run. */
function generator(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const reportHeap = `process.on("SIGUSR2", () => { gc(); process.stderr.write("heap " + process.memoryUsage().heapUsed + "\\n"); });`;

async function start() {
  const begin = performance.now();
  const child = spawn(process.execPath, ["--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(reportHeap)}`, server, "--stdio"], { stdio: ["pipe", "pipe", "pipe"] });
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const waiting = new Map();
  connection.onNotification("textDocument/publishDiagnostics", ({ version }) => waiting.get(version)?.());
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } }, initializationOptions: { trusted: false } });
  await connection.sendNotification("initialized", {});
  return {
    connection,
    startTime: performance.now() - begin,
    published: (version) => new Promise((resolve) => waiting.set(version, resolve)),
    heap: () =>
      new Promise((resolve) => {
        child.stderr.on("data", (data) => {
          const match = /heap (\d+)/.exec(data.toString());
          if (match !== null) resolve(Number(match[1]));
        });
        child.kill("SIGUSR2");
      }),
    async stop() {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
    },
  };
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)];
const rows = [];
const add = (what, value, limit, unit, note = "") => rows.push({ what, value, limit, unit, note });

const uri = "file:///bench/net.prototxt";
const textDocument = { uri };

// A net of 1,000 layers: edits, completion, hover.
{
  const editor = await start();
  const lines = bigNet(1000).split("\n");
  let version = 1;
  const opened = editor.published(version);
  await editor.connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "prototxt", version, text: lines.join("\n") } });
  await opened;
  const random = generator(4);
  const edit = async (line, start, end, text) => {
    version++;
    const begin = performance.now();
    const done = editor.published(version);
    const character = (column) => ({ line, character: column });
    await editor.connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range: { start: character(start), end: character(end) }, text }] });
    await done;
    lines[line] = lines[line].slice(0, start) + text + lines[line].slice(end);
    return performance.now() - begin;
  };
  const randomEdit = async () => {
    const line = Math.floor(random() * lines.length);
    const before = lines[line];
    const number = /\d+/.exec(before);
    if (number !== null && random() < 0.5) return edit(line, number.index, number.index + number[0].length, String(1 + Math.floor(random() * 9)));
    // A letter too many, which the next edit takes away: half-typed text.
    const column = Math.floor(random() * (before.length + 1));
    const broken = await edit(line, column, column, "x{\"} "[Math.floor(random() * 5)]);
    const mended = await edit(line, 0, lines[line].length, before);
    return Math.max(broken, mended);
  };
  for (let i = 0; i < 50; i++) await randomEdit();
  const edits = [];
  for (let i = 0; i < 200; i++) edits.push(await randomEdit());
  add("edit to diagnostics, 1,000 layers, p95", quantile(edits, 0.95), 20, "ms", `median ${quantile(edits, 0.5).toFixed(1)}, max ${Math.max(...edits).toFixed(1)}`);
  const asked = { completion: [], hover: [] };
  for (let i = 0; i < 230; i++) {
    for (const method of ["completion", "hover"]) {
      const line = Math.floor(random() * lines.length);
      const begin = performance.now();
      await editor.connection.sendRequest(`textDocument/${method}`, { textDocument, position: { line, character: Math.floor(random() * (lines[line].length + 1)) } });
      if (i >= 30) asked[method].push(performance.now() - begin);
    }
  }
  add("completion, p95", quantile(asked.completion, 0.95), 5, "ms", `median ${quantile(asked.completion, 0.5).toFixed(1)}`);
  add("hover, p95", quantile(asked.hover, 0.95), 5, "ms", `median ${quantile(asked.hover, 0.5).toFixed(1)}`);
  add("heap, 1,000 layers", (await editor.heap()) / 1e6, 150, "MB");
  add("server start to answer", editor.startTime, 1000, "ms");
  await editor.stop();
}

// A text of 100,000 lines: from opening to diagnostics.
for (const alike of [true, false]) {
  const editor = await start();
  const text = bigNet(9524, alike).split("\n").slice(0, 100_000).join("\n");
  // The server's own warm-up is not the file's.
  const warm = editor.published(1);
  await editor.connection.sendNotification("textDocument/didOpen", { textDocument: { uri: "file:///bench/small.prototxt", languageId: "prototxt", version: 1, text: bigNet(300) } });
  await warm;
  const begin = performance.now();
  const opened = editor.published(2);
  await editor.connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "prototxt", version: 2, text } });
  await opened;
  add(`100,000 lines${alike ? "" : ", no two layers alike"}, open to diagnostics`, performance.now() - begin, 500, "ms");
  add(`heap, 100,000 lines${alike ? "" : ", no two layers alike"}`, (await editor.heap()) / 1e6, 150, "MB");
  await editor.stop();
}

if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 1));
else {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, value, limit, unit, note } of rows) {
    console.log(`${what.padEnd(width)}  ${value.toFixed(1).padStart(8)} ${unit}  ${value < limit ? "ok  " : "OVER"} (limit ${limit} ${unit})${note === "" ? "" : `  ${note}`}`);
  }
}

