import { fork } from "node:child_process";
import type { Readable } from "node:stream";
import { byteStream } from "../inference/byte-stream.ts";
import { ownSession } from "../inference/give-way.ts";
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
  const child = fork(entry, [], {
    serialization: "advanced",
    detached: ownSession,
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
    // Flags of the parent (a debugger's port, a test runner's loader) are not for the child.
    execArgv: [],
    // In VS Code the running program is Electron, which must be told to be Node.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
  });
  // Of a process that could not be started, for want of descriptors say, there are no streams; its "error" tells.
  const parcels = (child.stdio as readonly unknown[] | undefined)?.[PARCELS] as Readable | undefined;
  const beside = byteStream(parcels, undefined);
  let isClosed = false;
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => { words = (words + text).slice(-4000); });
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
    ended(reason, words.trim());
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
