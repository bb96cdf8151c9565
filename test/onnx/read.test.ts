import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import type { Writer } from "protobufjs";
import { expect, test } from "vitest";
import { readOnnx, readOnnxFile } from "../../src/onnx/read.ts";
import { onnxBytes } from "../../src/onnx/write.ts";
import { Failure, sentence } from "../../src/text/failure.ts";
import { patchNetModel } from "../support/patch-net.ts";

/** A model as bytes, its graph written field by field: the encodings that other programs use and this one does not. */
function modelBytes(graph: (writer: Writer) => unknown, model: (writer: Writer) => unknown = () => undefined): Uint8Array {
  const writer = protobuf.Writer.create().uint32(8).int64(8);
  writer.uint32(0x42).fork().uint32(0x10).int64(13).ldelim();
  graph(writer.uint32(0x3a).fork());
  model(writer.ldelim());
  return writer.finish();
}

/** An initializer: shape, element type, and what else `fields` writes. */
function tensor(writer: Writer, shape: readonly number[], type: number, fields: (writer: Writer) => unknown, field = 0x2a): Writer {
  writer.uint32(field).fork();
  for (const size of shape) writer.uint32(8).int64(size);
  fields(writer.uint32(0x10).int32(type).uint32(0x42).string("w"));
  return writer.ldelim();
}

const half = Uint16Array.of(0x3c00, 0xc000);

test.each([
  { name: "packed floats", type: 1, fields: (w: Writer) => w.uint32(0x22).floats([1.5, -2]), data: Float32Array.of(1.5, -2) },
  { name: "single floats", type: 1, fields: (w: Writer) => w.uint32(0x25).float(1.5).uint32(0x25).float(2), data: Float32Array.of(1.5, 2) },
  { name: "packed int64", type: 7, fields: (w: Writer) => w.uint32(0x3a).int64s([-1, 3]), data: BigInt64Array.of(-1n, 3n) },
  { name: "single int64", type: 7, fields: (w: Writer) => w.uint32(0x38).int64(-1).uint32(0x38).int64(3), data: BigInt64Array.of(-1n, 3n) },
  { name: "int32", type: 6, fields: (w: Writer) => w.uint32(0x2a).int32s([-7, 8]), data: Int32Array.of(-7, 8) },
  { name: "bool as int32", type: 9, fields: (w: Writer) => w.uint32(0x2a).int32s([1, 0]), data: Uint8Array.of(1, 0) },
  { name: "half precision as int32", type: 10, fields: (w: Writer) => w.uint32(0x2a).int32s([...half]), data: half },
  { name: "doubles", type: 11, fields: (w: Writer) => w.uint32(0x52).doubles([0.1, 2]), data: Float64Array.of(0.1, 2) },
  { name: "uint32 as uint64", type: 12, fields: (w: Writer) => w.uint32(0x5a).uint64s([1, 4e9]), data: Uint32Array.of(1, 4e9) },
])("elements stored as $name are read", ({ type, fields, data }) => {
  const [weight] = readOnnx(modelBytes((graph) => tensor(graph, [2], type, fields))).graph.initializers;
  expect(weight).toMatchObject({ name: "w", shape: [2], data });
});

const raw = (length: number) => (w: Writer) => w.uint32(0x4a).bytes(new Uint8Array(length));

test("weights listed among the inputs, as old files do, are not inputs", () => {
  const value = (writer: Writer, name: string) => {
    writer.uint32(0x5a).fork().uint32(0x0a).string(name);
    return writer.uint32(0x12).fork().uint32(0x0a).fork().uint32(8).int32(1).ldelim().ldelim().ldelim();
  };
  const { inputs } = readOnnx(modelBytes((graph) => tensor(value(value(graph, "w"), "data"), [1], 1, raw(4)))).graph;
  expect(inputs.map((input) => input.name)).toEqual(["data"]);
});

test.each([
  { name: "nothing", bytes: new Uint8Array(), says: "is not an ONNX model: it holds no graph" },
  { name: "a PNG", bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), says: "not an ONNX model" },
  { name: "a text", bytes: new TextEncoder().encode('name: "net"\nlayer {}\n'), says: "not an ONNX model" },
  { name: "too few elements", bytes: modelBytes((g) => tensor(g, [2, 3], 1, raw(20))), says: "'w' holds 5 elements, its shape 2 x 3 asks" },
  { name: "a shape beyond memory", bytes: modelBytes((g) => tensor(g, [1e9, 1e9], 1, raw(4))), says: "1,000,000,000 x 1,000,000,000 asks" },
  { name: "a negative size", bytes: modelBytes((g) => tensor(g, [-1], 1, raw(4))), says: "'w' has the impossible shape -1" },
  { name: "strings as weights", bytes: modelBytes((g) => tensor(g, [1], 8, raw(4))), says: "'w' has elements of type 8, which" },
  { name: "a sparse weight", bytes: modelBytes((g) => g.uint32(0x7a).bytes(new Uint8Array())), says: "the model has sparse weights" },
  {
    name: "a subgraph",
    bytes: modelBytes((g) => g.uint32(0x0a).fork().uint32(0x2a).fork().uint32(0x0a).string("then").uint32(0xa0).int32(5).ldelim().ldelim()),
    says: "the model has an attribute 'then' that is a graph",
  },
  {
    name: "functions",
    bytes: modelBytes((g) => g, (m) => m.uint32(0xca).bytes(new Uint8Array())),
    says: "the model has functions of its own",
  },
  { name: "a name that is a number", bytes: modelBytes((g) => g.uint32(0x10).int32(1)), says: "field 2 is of another kind" },
])("$name is refused: $says", ({ bytes, says }) => {
  expect(() => readOnnx(bytes, "net.onnx")).toThrow(Failure);
  expect(() => readOnnx(bytes, "net.onnx")).toThrow(says);
});

const net = { channels: 1, classes: 2, conv1: { height: 3, width: 3 }, pool: { height: 2, width: 2 }, conv2: { height: 2, width: 2 } };
const sound = onnxBytes(patchNetModel(net, { height: 6, width: 6 }));

test("a file cut anywhere is a failure, or a model where the cut is between its parts", () => {
  for (let end = 0; end < sound.length; end++) {
    try {
      readOnnx(sound.subarray(0, end), "cut.onnx");
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
  }
  // The graph is the last part, so every cut in it is noticed, and placed within the file.
  expect(() => readOnnx(sound.subarray(0, sound.length - 1))).toThrow("is truncated");
  const place = (() => {
    try {
      return readOnnx(Buffer.concat([Buffer.alloc(5), sound]).subarray(5, -1), "cut.onnx");
    } catch (error) {
      return sentence(error as Failure);
    }
  })();
  expect(place).toMatch(new RegExp(`^cut\\.onnx: byte \\d+ of ${(sound.length - 1).toLocaleString("en-US")}: is truncated`));
});

test("no damage makes the reader do anything but fail or read", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 }), (changes) => {
      const damaged = sound.slice();
      for (const { at, byte } of changes) damaged[at] = byte;
      try {
        readOnnx(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(() => readOnnx(bytes)).toThrow(Failure);
    }),
    { numRuns: 500 },
  );
});

test("weights in a file beside the model are read; outside its folder, or past the end of the file, they are refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "onnx-external-"));
  const entry = (writer: Writer, key: string, value: string) =>
    writer.uint32(0x6a).fork().uint32(0x0a).string(key).uint32(0x12).string(value).ldelim();
  const read = (location: string, offset: string, length: string) => {
    const file = join(folder, "net.onnx");
    const fields = (w: Writer) => entry(entry(entry(w.uint32(0x70).int32(1), "location", location), "offset", offset), "length", length);
    writeFileSync(file, modelBytes((graph) => tensor(graph, [2], 1, fields)));
    return readOnnxFile(file).then(
      ({ graph }) => Array.from(graph.initializers[0]!.data as Float32Array),
      (error: unknown) => (error as Failure).message,
    );
  };
  writeFileSync(join(folder, "net.onnx.data"), new Uint8Array(Float32Array.of(9, 1, 2).buffer));
  try {
    expect(await read("net.onnx.data", "4", "8")).toEqual([1, 2]);
    expect(await read("./net.onnx.data", "0", "8")).toEqual([9, 1]);
    expect(await read("net.onnx.data", "8", "8")).toMatch(/has 12 bytes; the model looks for weights at 8 to 16$/);
    expect(await read("net.onnx.data", "4", "12")).toBe("'w' takes 8 bytes, but the model says 12");
    expect(await read("net.onnx.data", "-4", "8")).toMatch(/looks for weights at/);
    expect(await read("../net.onnx.data", "0", "8")).toMatch(/outside the model's folder$/);
    expect(await read("/etc/passwd", "0", "8")).toMatch(/outside the model's folder$/);
    expect(await read("a/../../b", "0", "8")).toMatch(/outside the model's folder$/);
    expect(await read("missing.data", "0", "8")).toBe("no such file");
    if (process.platform !== "win32") {
      symlinkSync("/etc/hostname", join(folder, "link.data"));
      expect(await read("link.data", "0", "8")).toMatch(/outside the model's folder$/);
      execFileSync("mkfifo", [join(folder, "pipe.data")]);
      expect(await read("pipe.data", "0", "8")).toMatch(/is not an ordinary file$/);
    }
    const none = await readOnnxFile(join(folder, "none.onnx")).catch((error: unknown) => sentence(error as Failure));
    expect(none).toMatch(/none\.onnx: no such file$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
