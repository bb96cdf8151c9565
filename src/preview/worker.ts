/** The entry of the preview's thread: the engine with its messages on the thread's port, so that the editor's own process only passes them on. */
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { ToEngine } from "./protocol.ts";
import { startEngine } from "./session.ts";

const port = parentPort!;
// The bundles lie beside each other.
const engine = startEngine(join(__dirname, "inference.cjs"), (message, transfer) => { port.postMessage(message, transfer); });
port.on("message", (message: ToEngine | { readonly type: "close" }) => {
  if (message.type !== "close") engine.receive(message);
  else void engine.close().then(() => { port.close(); });
});
