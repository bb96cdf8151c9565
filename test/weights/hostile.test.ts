import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/text/failure.ts";
import { indexBlob } from "../../src/weights/blob-file.ts";
import { indexWeights, openWeights, type WeightsFile } from "../../src/weights/open.ts";
import { readBlob, readValues } from "../../src/weights/values.ts";
import { encodeHeader, joinBytes, memorySource } from "../../src/weights/wire.ts";
import { conformanceCases } from "../support/conformance.ts";
import { checkFailure, layer, message, scratchFolder, shape, type Fields } from "./message.ts";

const samples = join(import.meta.dirname, "../../samples/nuclei32");
const model = readFileSync(join(samples, "nuclei32.caffemodel"));
const scratch = scratchFolder();

function index(bytes: Uint8Array): Pick<WeightsFile, "layers"> {
  return indexWeights(memorySource(bytes), "x.caffemodel");
}

function checkRefused(bytes: Uint8Array | Fields, words: RegExp): Promise<void> {
  return checkFailure(() => index(bytes instanceof Uint8Array ? bytes : message(bytes)), "bad-file", words);
}

describe("files that are no models", () => {
  test("missing, a folder, empty, not readable as a file", async () => {
    await checkFailure(() => openWeights(scratch.path("none.caffemodel")), "cannot-read", /none\.caffemodel: no such file/);
    await checkFailure(() => openWeights(samples), "cannot-read", /is a folder, not a file/);
    await checkFailure(async () => openWeights(await scratch.file("empty", "")), "bad-file", /empty: is empty\.$/);
  });

  test.skipIf(process.platform === "win32")("a pipe is refused and not waited for", async () => {
    const pipe = scratch.path("pipe");
    execFileSync("mkfifo", [pipe]);
    await checkFailure(() => openWeights(pipe), "cannot-read", /is not an ordinary file/);
  });

  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  const hdf5 = joinBytes([Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]), new Uint8Array(600)]);
  const state: Fields = [[1, 1700], [2, "nuclei_iter_1700.caffemodel"], [3, [[5, new Float32Array(4)]]]];
  const cases: [what: string, bytes: Uint8Array | Fields, words: RegExp][] = [
    ["HDF5", hdf5, /is an HDF5 file, not a caffemodel\. Load it in Caffe/],
    ["prototxt", readFileSync(join(samples, "deploy.prototxt")), /is a prototxt \(text\), not a caffemodel\. Weights are in the/],
    ["short prototxt", text("name: \"n\"\n"), /is a prototxt/],
    ["other text", text("hello, world\n".repeat(50)), /is a text file, not a caffemodel/],
    ["Git LFS pointer", text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"), /is a Git LFS pointer.*git lfs pull/],
    ["web page", text("<!DOCTYPE html>\n<html><body>404</body></html>"), /is a web page/],
    ["PNG", readFileSync(join(samples, "tissue-301x257.png")), /is a PNG image/],
    ["zip", Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]), /is a zip archive \(PyTorch/],
    ["mean image", readFileSync(join(samples, "mean.binaryproto")), /is a single blob, as mean\.binaryproto is, not a caffemodel/],
    ["new mean image", [[5, new Float32Array(12)], shape(1, 3, 2, 2)], /is a single blob/],
    ["ONNX", [[1, 8], [2, "pytorch"], [7, [[1, [[4, "Conv"]]], [2, "graph"]]], [8, [[2, 17]]]], /is an ONNX model/],
    ["solverstate", state, /solverstate.*The weights are in 'nuclei_iter_1700\.caffemodel'/],
    ["zeros", new Uint8Array(100), /is not a caffemodel: at byte 0, no field can have this number/],
    ["another protobuf", [[1, "a"], [1, "b"], [4, 3]], /is not a caffemodel: it has no layers/],
  ];
  test.each(cases)("%s", (_, bytes, words) => checkRefused(bytes, words));
});

describe("damage", () => {
  test("a file that was cut says after which layer, and where", async () => {
    const words = /^x\.caffemodel: truncated after layer 'pool2' \(byte 41,215 of 200,000\)\. Copy or download it again\.$/;
    await checkRefused(model.subarray(0, 200_000), words);
    await checkRefused(model.subarray(0, 30), /truncated before its first layer ends \(byte 10 of 30\)/);
  });
  test("Caffe's own case", () => {
    const one = conformanceCases().find(({ id }) => id === "err-weights-truncated")!;
    return checkRefused(one.file("w.caffemodel"), /truncated/);
  });
  test("lengths that lie", async () => {
    const name = [1, "conv1"] as const;
    const inside = [100, joinBytes([message([name]), encodeHeader(7, 1e9)])] as const;
    await checkRefused([inside], /damaged in layer 'conv1' \(byte \d+ of \d+\): a field is longer than what is left/);
    await checkRefused(joinBytes([message([layer("a", "ReLU")]), encodeHeader(100, 2 ** 50)]), /damaged after layer 'a'/);
    await checkRefused([layer("a", "ReLU", [[5, new Uint8Array(7)]])], /damaged in layer 'a' .*7 bytes are not a whole number of 4-byte/);
    await checkRefused([layer("a", "ReLU", [[10, 2], [12, new Uint8Array(7)]])], /not a whole number of float16 values/);
    await checkRefused([layer("a", "ReLU", [[10, 3], [12, new Uint8Array(8)]])], /raw_data of type 3 cannot be read/);
    await checkRefused([[100, [[1, "a".repeat(70_000)]]]], /a name of 70,000 bytes/);
  });
  test("more of anything than a net can have", async () => {
    await checkRefused([layer("a", "ReLU", [shape(...Array.from({ length: 33 }, () => 1))])], /more than 32 axes/);
    await checkRefused(joinBytes(Array.from({ length: 50_001 }, () => Uint8Array.from([0xa2, 0x06, 0]))), /more than 50,000 layers\. To allow it, raise the limit: --limit layers=500000/);
    await checkRefused([[100, joinBytes(Array.from({ length: 200_001 }, () => Uint8Array.from([0x3a, 0])))]], /more than 200,000 blobs/);
    const scattered = Array.from({ length: 21_000 }, (_, i): Fields[number] => [5, new Float32Array(1 + (i % 2))]);
    await checkRefused([layer("a", "ReLU", scattered)], /more than 10,000 pieces/);
  });
  test("a shape that lies is found when the blob is read, and nothing is allocated for it", async () => {
    const path = await scratch.file("lying.caffemodel", message([layer("a", "Bias", [shape(1e6, 1e6, 1e6), [5, new Float32Array(3)]])]));
    const file = await openWeights(path);
    expect(file.layers[0]!.blobs[0]).toMatchObject({ shape: [1e6, 1e6, 1e6], count: 3 });
    const words = /layer 'a': a blob is declared as 1000000 x .* but 3 values are stored/;
    await checkFailure(() => readBlob(file, file.layers[0]!.blobs[0]!), "bad-file", words);
  });
  test("names are shown without control characters", () =>
    checkRefused([[100, joinBytes([message([[1, "a\u001b[31m\nb\u202e"]]), encodeHeader(7, 99)])]], /layer 'a\ufffd\[31m\ufffdb\ufffd'/));
});

/** Indexes the bytes as a model and as a blob and reads all values: only a Failure may be thrown, and all must lie inside the file. */
function checkIndexOrFailure(bytes: Uint8Array): "index" | "failure" {
  const source = memorySource(bytes);
  let outcome: "index" | "failure" = "failure";
  for (const blobsOf of [() => index(bytes).layers.flatMap(({ blobs }) => blobs), () => [indexBlob(source, "x.binaryproto")]]) {
    try {
      for (const blob of blobsOf()) expect(readValues(source, blob, 0, blob.count, "x").length * 2).toBeLessThanOrEqual(bytes.length);
      outcome = "index";
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause;
      expect(cause.message).toMatch(/\.$/);
    }
  }
  return outcome;
}

describe("never anything but an index or a Failure", () => {
  const small = ["weights-v0", "weights-v1-legacy-blobs", "lstm-00", "batchnorm-00"].map((id) => {
    const one = conformanceCases().find((candidate) => candidate.id === id)!;
    return one.file(one.meta.weights!);
  });

  test("every truncation of small models; a cut between layers leaves a net", () => {
    for (const bytes of small) {
      const outcomes = Array.from({ length: bytes.length }, (_, length) => checkIndexOrFailure(bytes.subarray(0, length)));
      expect(outcomes.filter((outcome) => outcome === "failure").length).toBeGreaterThan(bytes.length * 0.8);
    }
  });
  test("every flipped bit", () => {
    for (const bytes of small) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Uint8Array.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        checkIndexOrFailure(flipped);
      }
    }
  });
  test("bytes overwritten, put in and left out", () => {
    const edit = fc.record({ at: fc.nat(2000), drop: fc.nat(6), put: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(fc.constantFrom(...small), fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
        let mutant: Uint8Array = bytes;
        for (const { at, drop, put } of edits) mutant = joinBytes([mutant.subarray(0, at), put, mutant.subarray(at + drop)]);
        checkIndexOrFailure(mutant);
      }),
      { numRuns: 1000 },
    );
  });
  test("any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void checkIndexOrFailure(bytes)), { numRuns: 1000 });
  });
});
