import protobuf from "protobufjs/minimal.js";
import type { Writer } from "protobufjs";
import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import { bytes } from "../text/words.ts";
import { attributeTypes, fields, irVersion } from "./fields.ts";
import { elementTypes } from "./model.ts";
import type { AttributeValue, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";

/** The largest file ONNX readers accept: a protobuf message holds its length in 31 bits. */
const limit = 2 ** 31 - 1;

/** Writes a model to a file, which appears complete or not at all. Weights go to the disk from where they are, uncopied. */
export async function writeOnnxFile(model: OnnxModel, path: string): Promise<void> {
  const chunks = onnxChunks(model);
  const file = await createAtomicFile(path);
  try {
    for (const chunk of chunks) await file.handle.writeFile(chunk);
  } catch (cause) {
    await file.discard();
    throw fileFailure("cannot-write", path, cause);
  }
  await file.commit();
}

/** The model as the bytes of an ONNX file, in one piece. */
export function onnxBytes(model: OnnxModel): Uint8Array {
  return Buffer.concat(onnxChunks(model));
}

/**
 * The bytes of an ONNX file in pieces that follow each other; those of weights are views of the weights.
 *
 * Refused with a Failure where they exceed 2 GB together.
 */
export function onnxChunks(model: OnnxModel): Uint8Array[] {
  const f = fields.model;
  const head = protobuf.Writer.create();
  integer(head, f.irVersion, irVersion);
  string(head, f.producerName, model.producer);
  for (const [domain, version] of [["", model.opset] as const, ...Object.entries(model.domains ?? {})]) {
    const set = nested(head, f.opsetImport);
    string(set, fields.operatorSet.domain, domain);
    integer(set, fields.operatorSet.version, version);
    set.ldelim();
  }
  const chunks = [head.finish(), ...prefixed(f.graph, graphChunks(model))];
  const total = length(chunks);
  if (total > limit) {
    throw new Failure("cannot-write", `the net takes ${bytes(total)} as ONNX, and an ONNX file holds at most ${bytes(limit)}.`, {
      advice: "Its largest layers must become smaller.",
    });
  }
  return chunks;
}

function graphChunks({ graph }: OnnxModel): Uint8Array[] {
  const f = fields.graph;
  const writer = protobuf.Writer.create();
  for (const node of graph.nodes) writeNode(nested(writer, f.node), node).ldelim();
  string(writer, f.name, graph.name);
  for (const value of graph.inputs) writeValue(nested(writer, f.input), value).ldelim();
  for (const value of graph.outputs) writeValue(nested(writer, f.output), value).ldelim();
  return [writer.finish(), ...graph.initializers.flatMap((tensor) => prefixed(f.initializer, tensorChunks(tensor)))];
}

/** A tensor in two pieces: all but its elements, and its elements as they lie in memory (little-endian, as the format wants). */
function tensorChunks({ name, type, shape, data }: OnnxTensor): Uint8Array[] {
  const f = fields.tensor;
  const head = protobuf.Writer.create();
  for (const size of shape) integer(head, f.dims, size);
  integer(head, f.dataType, elementTypes[type].code);
  string(head, f.name, name);
  return [head.finish(), ...prefixed(f.rawData, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)])];
}

function writeNode(writer: Writer, node: OnnxNode): Writer {
  const f = fields.node;
  for (const name of node.inputs) string(writer, f.input, name);
  for (const name of node.outputs) string(writer, f.output, name);
  string(writer, f.name, node.name);
  string(writer, f.opType, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) writeAttribute(nested(writer, f.attribute), name, value).ldelim();
  if (node.domain !== undefined) string(writer, f.domain, node.domain);
  return writer;
}

function writeAttribute(writer: Writer, name: string, attribute: AttributeValue): Writer {
  const f = fields.attribute;
  string(writer, f.name, name);
  integer(writer, f.type, attributeTypes[attribute.kind]);
  switch (attribute.kind) {
    case "float":
      return writer.uint32(tag(f.f, 5)).float(attribute.value);
    case "int":
      return integer(writer, f.i, attribute.value);
    case "string":
      return string(writer, f.s, attribute.value);
    case "tensor":
      for (const chunk of prefixed(f.t, tensorChunks(attribute.value))) writer.raw(chunk);
      return writer;
    case "floats":
      for (const value of attribute.value) writer.uint32(tag(f.floats, 5)).float(value);
      return writer;
    case "ints":
      for (const value of attribute.value) integer(writer, f.ints, value);
      return writer;
    case "strings":
      for (const value of attribute.value) string(writer, f.strings, value);
      return writer;
  }
}

function writeValue(writer: Writer, value: OnnxValue): Writer {
  string(writer, fields.valueInfo.name, value.name);
  const type = nested(writer, fields.valueInfo.type);
  const tensor = nested(type, fields.type.tensor);
  integer(tensor, fields.tensorType.elemType, elementTypes[value.type].code);
  const shape = nested(tensor, fields.tensorType.shape);
  for (const size of value.shape) {
    const dimension = nested(shape, fields.shape.dim);
    if (typeof size === "number") integer(dimension, fields.dimension.value, size);
    else string(dimension, fields.dimension.param, size);
    dimension.ldelim();
  }
  return shape.ldelim().ldelim().ldelim();
}

function tag(field: number, wireType: 0 | 2 | 5): number {
  return (field << 3) | wireType;
}

function nested(writer: Writer, field: number): Writer {
  return writer.uint32(tag(field, 2)).fork();
}

function string(writer: Writer, field: number, value: string): Writer {
  return writer.uint32(tag(field, 2)).string(value);
}

/** Doubles reach past 64 bits by one (2^63, "to the end" in a Slice), so the largest int64 stands for what is beyond. */
function integer(writer: Writer, field: number, value: number): Writer {
  writer.uint32(tag(field, 0));
  return value >= 2 ** 63 ? writer.int64({ low: -1, high: 0x7fffffff, unsigned: false }) : writer.int64(value);
}

/** A length-delimited field around pieces already made. */
function prefixed(field: number, body: Uint8Array[]): Uint8Array[] {
  return [protobuf.Writer.create().uint32(tag(field, 2)).uint64(length(body)).finish(), ...body];
}

function length(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
}
