/**
 * The entry of the preview's process: the engine, away from the editor's own process, which only passes its messages on. As a thread there it would hold up
 * that process's main thread: they share the heap's helpers and their locks, which the one waits for while the other waits for a processor.
 */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { giveWay } from "../inference/give-way.ts";
import { byteStream } from "../inference/byte-stream.ts";
import { PARCELS, pack } from "./parcel.ts";
import type { ToEngine } from "./protocol.ts";
import { startEngine } from "./session.ts";

giveWay(5);
const beside = byteStream(undefined, createWriteStream("", { fd: PARCELS }));
// The bundles lie beside each other.
const engine = startEngine(join(__dirname, "inference.cjs"), (message) => {
  // An editor that has gone closes the channel; then there is nobody to tell.
  if (!process.connected) return;
  const { parcel, bytes } = pack(message);
  process.send!(parcel);
  beside.send(bytes);
});
process.on("message", (message: ToEngine | { readonly type: "close" }) => {
  if (message.type === "close") process.disconnect();
  else engine.receive(message);
});
// What is being written is written to its end.
process.on("disconnect", () => void engine.close());
// The terminal sends Ctrl-C to the whole group; the editor decides what it means.
process.on("SIGINT", () => undefined);
