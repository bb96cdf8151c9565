import { spawn } from "node:child_process";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter, type ProtocolConnection } from "vscode-languageserver/node";
import { randomNumbers } from "../../src/text/random.ts";

/** One figure of the language server, with the limit it is to keep. */
export interface ServerFigure {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: "ms" | "MB";
  readonly note?: string;
}

/** How much is done. */
export interface ServerWork {
  /** Layers of the net that is edited. */
  readonly layers: number;
  /** Edits, completions and hovers that are measured. */
  readonly edits: number;
  /** Lines of the text that is opened. */
  readonly lines: number;
}

const uri = "file:///bench/net.prototxt";
const textDocument = { uri };

/** Measures the language server in a process of its own, as an editor uses it: edits, completion and hover in a large net, and the opening of a very large text. */
export async function measureServer(work: ServerWork): Promise<ServerFigure[]> {
  return [...(await measureWork(work)), ...(await measureOpening(work, true)), ...(await measureOpening(work, false))];
}

async function measureWork({ layers, edits: count }: ServerWork): Promise<ServerFigure[]> {
  const editor = await startEditor();
  const { connection } = editor;
  const lines = bigNet(layers).split("\n");
  let version = 1;
  await editor.open(uri, version, lines.join("\n"));
  const random = randomNumbers(4);
  const edit = async (line: number, from: number, to: number, text: string): Promise<number> => {
    version++;
    const begin = performance.now();
    const done = editor.published(uri, version);
    const character = (column: number) => ({ line, character: column });
    await connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range: { start: character(from), end: character(to) }, text }] });
    await done;
    lines[line] = lines[line]!.slice(0, from) + text + lines[line]!.slice(to);
    return performance.now() - begin;
  };
  const randomEdit = async (): Promise<number> => {
    const line = Math.floor(random() * lines.length);
    const before = lines[line]!;
    const number = /\d+/.exec(before);
    if (number !== null && random() < 0.5) return edit(line, number.index, number.index + number[0].length, String(1 + Math.floor(random() * 9)));
    // A letter too many, which the next edit takes away: half-typed text.
    const column = Math.floor(random() * (before.length + 1));
    const broken = await edit(line, column, column, "x{\"} "[Math.floor(random() * 5)]!);
    const mended = await edit(line, 0, lines[line]!.length, before);
    return Math.max(broken, mended);
  };
  for (let i = 0; i < count / 4; i++) await randomEdit();
  const edits: number[] = [];
  for (let i = 0; i < count; i++) edits.push(await randomEdit());
  const asked = { completion: [] as number[], hover: [] as number[] };
  for (let i = 0; i < 1.15 * count; i++) {
    for (const method of ["completion", "hover"] as const) {
      const line = Math.floor(random() * lines.length);
      const begin = performance.now();
      await connection.sendRequest(`textDocument/${method}`, { textDocument, position: { line, character: Math.floor(random() * (lines[line]!.length + 1)) } });
      if (i >= 0.15 * count) asked[method].push(performance.now() - begin);
    }
  }
  const heap = await editor.heap();
  await editor.stop();
  const net = `${layers.toLocaleString("en-US")} layers`;
  return [
    { what: `edit to findings, ${net}, p95`, value: quantile(edits, 0.95), limit: 20, unit: "ms", note: `median ${quantile(edits, 0.5).toFixed(1)}, most ${Math.max(...edits).toFixed(1)}` },
    { what: "completion, p95", value: quantile(asked.completion, 0.95), limit: 5, unit: "ms", note: `median ${quantile(asked.completion, 0.5).toFixed(1)}` },
    { what: "hover, p95", value: quantile(asked.hover, 0.95), limit: 5, unit: "ms", note: `median ${quantile(asked.hover, 0.5).toFixed(1)}` },
    { what: `heap, ${net}`, value: heap / 1e6, limit: 150, unit: "MB" },
    { what: "start of the server", value: editor.startTime, limit: 1000, unit: "ms" },
  ];
}

/** From opening to findings; the server's own warm-up is not the file's. */
async function measureOpening({ lines }: ServerWork, alike: boolean): Promise<ServerFigure[]> {
  const editor = await startEditor();
  const text = bigNet(Math.ceil(lines / 10), alike).split("\n").slice(0, lines).join("\n");
  await editor.open("file:///bench/small.prototxt", 1, bigNet(300));
  const begin = performance.now();
  await editor.open(uri, 2, text);
  const value = performance.now() - begin;
  const heap = await editor.heap();
  await editor.stop();
  const which = `${lines.toLocaleString("en-US")} lines${alike ? "" : ", no two layers alike"}`;
  return [
    { what: `${which}, open to findings`, value, limit: 500, unit: "ms" },
    { what: `heap, ${which}`, value: heap / 1e6, limit: 150, unit: "MB" },
  ];
}

/** A net of convolutions and ReLUs in place, written alike or so that no two of one type are. */
function bigNet(layers: number, alike = true): string {
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

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)]!;
}

interface Editor {
  readonly connection: ProtocolConnection;
  /** Milliseconds from the start of the process to the answer to `initialize`. */
  readonly startTime: number;
  /** Opens a text; settled with its findings. */
  open(uri: string, version: number, text: string): Promise<void>;
  /** Settled with the findings of a version of a text. */
  published(uri: string, version: number): Promise<void>;
  /** Bytes in use after a garbage collection. */
  heap(): Promise<number>;
  stop(): Promise<void>;
}

const reportHeap = `process.on("SIGUSR2", () => { gc(); process.stderr.write("heap " + process.memoryUsage().heapUsed + "\\n"); });`;

/** Starts a language server, as an editor does. */
export async function startEditor(): Promise<Editor> {
  const begin = performance.now();
  const child = spawn(process.execPath, ["--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(reportHeap)}`, "dist/server.cjs", "--stdio"], { stdio: ["pipe", "pipe", "pipe"] });
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const waiting = new Map<string, () => void>();
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, version }: { uri: string; version: number }) => waiting.get(`${uri} ${version}`)?.());
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  const capabilities = { textDocument: { completion: { completionItem: { snippetSupport: true } } } };
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities, initializationOptions: { trusted: false } });
  const startTime = performance.now() - begin;
  await connection.sendNotification("initialized", {});
  const published = (of: string, version: number): Promise<void> => new Promise((resolve) => { waiting.set(`${of} ${version}`, resolve); });
  return {
    connection,
    startTime,
    published,
    async open(opened, version, text) {
      const done = published(opened, version);
      await connection.sendNotification("textDocument/didOpen", { textDocument: { uri: opened, languageId: "prototxt", version, text } });
      await done;
    },
    heap: () =>
      new Promise((resolve) => {
        child.stderr.on("data", (data: Buffer) => {
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
