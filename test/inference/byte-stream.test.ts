import { Duplex } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { byteStream } from "../../src/inference/byte-stream.ts";

/** One end of a stream: what is sent is kept, what arrives is pushed. */
function end(): { stream: Duplex; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _, done) => {
      sent.push(chunk);
      done();
    },
  });
  return { stream, sent };
}

test("arrays are filled with what comes, however it is cut and whenever it comes", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), fc.nat(8), async (lengths, cuts, early) => {
    const { stream } = end();
    const bytes = byteStream(stream, stream);
    const all = Uint8Array.from({ length: lengths.reduce((a, b) => a + b, 0) }, (_, i) => i % 251);
    const parts: Uint8Array[] = [];
    for (let [at, i] = [0, 0]; at < all.length; at += parts.at(-1)!.length) parts.push(all.subarray(at, at + cuts[i++ % cuts.length]!));
    // Some comes before anybody asks, the rest while they wait.
    for (const part of parts.splice(0, early)) stream.push(part);
    let at = 0;
    for (const length of lengths) {
      const into = new Uint8Array(length);
      const filled = bytes.fill(into);
      for (const part of parts.splice(0)) stream.push(part);
      await filled;
      expect(into).toEqual(all.subarray(at, at + length));
      at += length;
    }
  }), { numRuns: 60 });
});

test("bytes are sent as they are, and nothing for none", () => {
  const { stream, sent } = end();
  const bytes = byteStream(stream, stream);
  const pixels = Uint8Array.of(1, 2, 3);
  bytes.send(pixels);
  bytes.send(new Uint8Array(0));
  expect(sent).toHaveLength(1);
  expect(new Uint8Array(sent[0]!.buffer)).toEqual(pixels);
});

test("a second array is not asked for before the first is full", async () => {
  const { stream } = end();
  const bytes = byteStream(stream, stream);
  void bytes.fill(new Uint8Array(1));
  await expect(bytes.fill(new Uint8Array(1))).rejects.toThrow("one after the other");
});

test("a stream that breaks is no error of its own", () => {
  const { stream } = end();
  byteStream(stream, stream);
  expect(() => stream.emit("error", new Error("EPIPE"))).not.toThrow();
});
