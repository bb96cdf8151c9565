import type { Readable } from "node:stream";
import { byteStream } from "../inference/byte-stream.ts";
import { startChild } from "../inference/child.ts";
import { PARCELS, unpack, type Parcel } from "./parcel.ts";
import type { FromEngine, ToEngine } from "./protocol.ts";

/** The preview's engine in a process of its own. */
export interface EngineProcess {
  readonly pid: number | undefined;
  send(message: ToEngine): void;
  /** Ends it, and its inference process. */
  close(): void;
}

/**
 * Starts the engine; `entry` is the bundled `dist/preview.cjs`. `hear` is given what it says, in its order; `ended` why it has come to an end, where nobody asked
 * for that, with the last of what it wrote to its error output.
 */
export function startEngineProcess(entry: string, hear: (message: FromEngine) => void, ended: (reason: string, lastWords: string) => void): EngineProcess {
  const { process: child, stream, lastWords } = startChild(entry, { pipes: 1 });
  const parcels = stream(PARCELS) as Readable | undefined;
  const beside = byteStream(parcels, undefined);
  let isClosed = false;
  let before: Promise<void> = Promise.resolve();
  child.on("message", (parcel) => {
    before = before.then(async () => {
      const message = await unpack(parcel as Parcel, (into) => beside.fill(into));
      // In a task of its own: what goes wrong there is no reason not to bring the next.
      queueMicrotask(() => { if (!isClosed) hear(message); });
    });
  });
  const end = (reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    ended(reason, lastWords());
  };
  child.once("error", ({ message }) => { end(message); });
  // "close" comes after "exit", when the error output has been read to its end.
  child.once("close", (code, signal) => { end(signal ?? `exit code ${code ?? "?"}`); });
  return {
    pid: child.pid,
    // One that cannot be sent has nobody to hear it: its "close" tells why.
    send: (message) => void child.send(message, () => undefined),
    close: () => {
      isClosed = true;
      child.send({ type: "close" }, () => undefined);
      // What is on its way is wanted no more; the engine would wait until someone takes it.
      parcels?.destroy();
    },
  };
}
