import type { Readable, Writable } from "node:stream";

/**
 * Bytes between the inference process and the process that started it, beside the messages that announce them.
 *
 * In a message half a megabyte of pixels is copied again and again: with every 64 kB that arrive, all that have come before.
 */
export interface ByteStream {
  /** Sends bytes, which must stay as they are until the other side has answered. */
  send(bytes: Uint8Array): void;
  /** Fills an array with the bytes that come next; a second one is asked for when the first is full. Never ends where the other side has. */
  fill(into: Uint8Array): Promise<void>;
}

/** The descriptors in the inference process: one for each direction, because where a read waits on Windows, a write to the same one waits with it. */
export const BYTES = { toInference: 4, fromInference: 5 } as const;

/** Speaks over streams that nothing else uses. Without them nothing is sent and nothing comes. */
export function byteStream(incoming: Readable | undefined, outgoing: Writable | undefined): ByteStream {
  /** What came before it was asked for. */
  const early: Uint8Array[] = [];
  let wanted: { readonly into: Uint8Array; at: number; readonly full: () => void } | undefined;
  incoming?.on("data", (chunk: Uint8Array) => {
    early.push(chunk);
    pour();
    if (wanted === undefined) incoming?.pause();
  });
  // A process that has gone says so elsewhere.
  for (const stream of [incoming, outgoing]) stream?.on("error", () => undefined);
  incoming?.pause();

  function pour(): void {
    for (let [chunk] = early; chunk !== undefined && wanted !== undefined; [chunk] = early) {
      const taken = chunk.subarray(0, wanted.into.length - wanted.at);
      wanted.into.set(taken, wanted.at);
      wanted.at += taken.length;
      if (taken.length === chunk.length) early.shift();
      else early[0] = chunk.subarray(taken.length);
      if (wanted.at < wanted.into.length) continue;
      wanted.full();
      wanted = undefined;
    }
  }

  return {
    send: (bytes) => {
      if (bytes.length > 0) outgoing?.write(bytes);
    },
    fill: (into) =>
      new Promise((full) => {
        if (wanted !== undefined) throw new Error("one after the other");
        if (into.length === 0) {
          full();
          return;
        }
        wanted = { into, at: 0, full };
        pour();
        if (wanted !== undefined) incoming?.resume();
      }),
  };
}
