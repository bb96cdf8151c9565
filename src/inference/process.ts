/**
 * The inference process: the entry of a child that runs models for its parent, in two threads. One talks to the parent and makes the inputs of nets, the
 * other runs models (`models.ts`), which holds its thread and cannot be interrupted; in a process of its own it can be killed.
 */
import { constants, setPriority } from "node:os";
import { isMainThread, Worker } from "node:worker_threads";
import { fillPlanes } from "../dense/fill.ts";
import { channelCount, pixelTables } from "../dense/preprocess.ts";
import { BACKGROUND } from "./messages.ts";
import type { Numbered, Reply, ThreadReply, ThreadRequest, Windows } from "./messages.ts";
import { runModels } from "./models.ts";

function talk(): void {
  // Without this a child would outlive a parent that was killed. A run that is under way would hold up any other end.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // The terminal sends Ctrl-C to the whole group; the parent decides what it means.
  process.on("SIGINT", () => undefined);
  if (process.argv.includes(BACKGROUND)) giveWay();
  const models = new Worker(__filename, { argv: process.argv.slice(2) });
  models.on("message", (reply: ThreadReply) => {
    if (reply.kind === "ready" || reply.kind === "unusable") send(reply);
    else {
      const { lent, ...rest } = reply;
      spare.push(...lent);
      send(rest);
    }
  });
  process.on("message", (message) => {
    const request = threadRequest(message as Numbered);
    models.postMessage(request, request.kind === "filled" ? [request.data.buffer] : []);
  });
}

/** The request with its pixels made into the net's input. */
function threadRequest(request: Numbered): ThreadRequest {
  if (request.kind !== "classify") return request;
  const { id, session, count, classIndex, output, batch, preprocessing, height, width } = request;
  const shape = [batch, channelCount(preprocessing), height, width] as const;
  return { kind: "filled", id, session, count, classIndex, ...(output !== undefined && { output }), shape, data: inputOf(request, shape.reduce((a, b) => a * b)) };
}

/** Lowers the priority of this process: of its threads too, as long as there are none yet. */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It computes all the same.
  }
}

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
else void runModels(process.argv.includes(BACKGROUND));
