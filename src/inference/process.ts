/**
 * The inference process: the entry of a child that runs models for its parent, in two threads. One talks to the parent and makes the inputs of nets, the
 * other runs models (`models.ts`), which holds its thread and cannot be interrupted; in a process of its own it can be killed.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { isMainThread, Worker } from "node:worker_threads";
import { fillPlanes } from "../dense/fill.ts";
import { channelCount, pixelTables } from "../dense/preprocess.ts";
import { BYTES, byteStream, type ByteStream } from "./byte-stream.ts";
import { giveWay } from "./give-way.ts";
import { BACKGROUND } from "./messages.ts";
import type { Numbered, Reply, ThreadReply, ThreadRequest, Windows } from "./messages.ts";
import { runModels } from "./models.ts";

function talk(): void {
  // Without this a child would outlive a parent that was killed. A run that is under way would hold up any other end.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // The terminal sends Ctrl-C to the whole group; the parent decides what it means.
  process.on("SIGINT", () => undefined);
  if (process.argv.includes(BACKGROUND)) giveWay(10);
  const models = new Worker(__filename);
  const bytes = byteStream(createReadStream("", { fd: BYTES.toInference, highWaterMark: CHUNK }), createWriteStream("", { fd: BYTES.fromInference }));
  models.on("message", (reply: ThreadReply) => {
    if ("lent" in reply) spare.push(reply.lent);
    if (reply.kind === "classified") {
      const { values, ...planes } = reply.planes;
      send({ kind: "planes", id: reply.id, values: values.length, planes });
      bytes.send(new Uint8Array(values.buffer));
    } else if (reply.kind === "failed") send({ kind: "failed", id: reply.id, reason: reply.reason });
    else send(reply);
  });
  let before: Promise<void> = Promise.resolve();
  process.on("message", (message: Numbered) => {
    // What is asked later must not overtake pixels that are still coming.
    before = before.then(async () => {
      const request = message.kind === "classify" ? await filled(message, bytes) : message;
      models.postMessage(request, request.kind === "filled" ? [request.data.buffer] : []);
    });
  });
}

/** How much is read at once, in bytes: what systems keep of a pipe that is not read yet. */
const CHUNK = 2 ** 18;

/** The request with its pixels made into the net's input. */
async function filled(request: Extract<Numbered, { readonly kind: "classify" }>, bytes: ByteStream): Promise<ThreadRequest> {
  const { id, session, count, classIndex, output, batch, preprocessing, height, width } = request;
  if (pixels.length < request.pixels) pixels = new Uint8Array(request.pixels);
  const received = pixels.subarray(0, request.pixels);
  await bytes.fill(received);
  const shape = [batch, channelCount(preprocessing), height, width] as const;
  const data = inputOf({ ...request, pixels: received }, shape.reduce((a, b) => a * b));
  return { kind: "filled", id, session, count, classIndex, ...(output !== undefined && { output }), shape, data };
}

/** Where pixels are received. */
let pixels = new Uint8Array(0);

/** Arrays that have come back from runs. */
const spare: Float32Array<ArrayBuffer>[] = [];

/** The floats of some windows, in an array that was used before where there is one of that length. */
function inputOf({ pixels, channels, count, height, width, batch, preprocessing }: Windows, length: number): Float32Array<ArrayBuffer> {
  const known = spare.pop();
  const data = known?.length === length ? known : new Float32Array(length);
  const tables = pixelTables(preprocessing);
  for (let i = 0, size = length / batch, each = height * width * channels; i < count; i++) {
    fillPlanes(data.subarray(i * size, (i + 1) * size), pixels.subarray(i * each, (i + 1) * each), channels, preprocessing.channels, tables);
  }
  return data;
}

function send(reply: Reply): void {
  // A parent that has gone closes the channel; then there is nobody to tell.
  if (process.connected) process.send!(reply);
}

if (isMainThread) talk();
else void runModels();
