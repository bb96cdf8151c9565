import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure, fileFailure } from "../text/failure.ts";
import { bytes as inBytes, count } from "../text/words.ts";
import { openExternalData } from "./external.ts";
import { attributeTypes, fields } from "./fields.ts";
import { elementTypeOf } from "./model.ts";
import type { AttributeValue, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";
import { readTensor } from "./tensor.ts";
import type { ExternalData } from "./tensor.ts";
import { Damage, entries, floatsOf, integerOf, integersOf, payloadOf, textOf } from "./wire.ts";
import type { Entry } from "./wire.ts";

/**
 * The model in an ONNX file, with weights it keeps in files beside it.
 *
 * A file that cannot be read, is damaged, or uses what this program does not read (subgraphs, functions, strings) is a Failure.
 */
export async function readOnnxFile(file: string): Promise<OnnxModel> {
  let content: Uint8Array;
  try {
    const { size } = await stat(file);
    if (size >= 2 ** 31) throw new Failure("bad-file", `is ${inBytes(size)} large, and an ONNX model at most 2.1 GB`, { file });
    content = await readFile(file);
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("cannot-read", file, error);
  }
  return readOnnx(content, file, openExternalData(dirname(file)));
}

/** The model in the bytes of an ONNX file; `file` names it in a Failure. The model shares no memory with the bytes. */
export function readOnnx(content: Uint8Array, file?: string, external?: ExternalData): OnnxModel {
  const named = file === undefined ? {} : { file };
  try {
    return readModel(content, external);
  } catch (error) {
    if (error instanceof Damage) {
      const place = `byte ${count(error.position - content.byteOffset)} of ${count(content.length)}`;
      throw new Failure("bad-file", error.message, { ...named, place });
    }
    if (error instanceof Failure && error.file === undefined) throw new Failure(error.kind, error.message, named);
    throw error;
  }
}

function readModel(content: Uint8Array, external: ExternalData | undefined): OnnxModel {
  const f = fields.model;
  const operatorSets: (readonly [string, number])[] = [];
  let producer = "";
  let graph: OnnxGraph | undefined;
  for (const entry of entries(content)) {
    if (entry.field === f.opsetImport) operatorSets.push(readOperatorSet(payloadOf(entry)));
    else if (entry.field === f.producerName) producer = textOf(entry);
    else if (entry.field === f.functions) refuse("functions of its own");
    else if (entry.field === f.graph) graph = readGraph(payloadOf(entry), external);
  }
  if (graph === undefined || operatorSets.length === 0) {
    throw new Damage("is not an ONNX model: it holds no graph or names no operator set", content.byteOffset);
  }
  const opset = operatorSets.find(([domain]) => isDefault(domain))?.[1];
  if (opset === undefined) refuse("no standard operators, only those of other programs");
  const others = operatorSets.filter(([domain]) => !isDefault(domain));
  return { opset, producer, graph, ...(others.length === 0 ? {} : { domains: Object.fromEntries(others) }) };
}

function readOperatorSet(content: Uint8Array): readonly [string, number] {
  let domain = "";
  let version = 0;
  for (const entry of entries(content)) {
    if (entry.field === fields.operatorSet.domain) domain = textOf(entry);
    else if (entry.field === fields.operatorSet.version) version = integerOf(entry);
  }
  return [domain, version];
}

function readGraph(content: Uint8Array, external: ExternalData | undefined): OnnxGraph {
  const f = fields.graph;
  const inputs: Uint8Array[] = [];
  const outputs: Uint8Array[] = [];
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  let name = "";
  for (const entry of entries(content)) {
    if (entry.field === f.node) nodes.push(readNode(payloadOf(entry)));
    else if (entry.field === f.name) name = textOf(entry);
    else if (entry.field === f.input) inputs.push(payloadOf(entry));
    else if (entry.field === f.output) outputs.push(payloadOf(entry));
    else if (entry.field === f.initializer) initializers.push(readTensor(payloadOf(entry), external));
    else if (entry.field === f.sparseInitializer) refuse("sparse weights");
  }
  // Files older than IR version 4 list their weights among the inputs too.
  const weights = new Set(initializers.map((tensor) => tensor.name));
  const fed = inputs.map(readValue).filter((input) => !weights.has(input.name));
  return { name, inputs: fed, outputs: outputs.map(readValue), nodes, initializers };
}

function readNode(content: Uint8Array): OnnxNode {
  const f = fields.node;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: (readonly [string, AttributeValue])[] = [];
  let name = "";
  let opType = "";
  let domain = "";
  for (const entry of entries(content)) {
    if (entry.field === f.input) inputs.push(textOf(entry));
    else if (entry.field === f.output) outputs.push(textOf(entry));
    else if (entry.field === f.name) name = textOf(entry);
    else if (entry.field === f.opType) opType = textOf(entry);
    else if (entry.field === f.domain) domain = textOf(entry);
    else if (entry.field === f.attribute) attributes.push(readAttribute(payloadOf(entry)));
  }
  return { name, opType, inputs, outputs, attributes: Object.fromEntries(attributes), ...(isDefault(domain) ? {} : { domain }) };
}

function readAttribute(content: Uint8Array): readonly [string, AttributeValue] {
  const f = fields.attribute;
  const all = [...entries(content)];
  const texts = (field: number): string[] => every(field).map(textOf);
  const every = (field: number): Entry[] => all.filter((entry) => entry.field === field);
  const last = (field: number): Entry | undefined => every(field).at(-1);
  const name = texts(f.name).at(-1) ?? "";
  const type = last(f.type);
  switch (type === undefined ? 0 : integerOf(type)) {
    case attributeTypes.float:
      return [name, { kind: "float", value: last(f.f) === undefined ? 0 : floatsOf(last(f.f)!)[0] ?? 0 }];
    case attributeTypes.int:
      return [name, { kind: "int", value: last(f.i) === undefined ? 0 : integerOf(last(f.i)!) }];
    case attributeTypes.string:
      return [name, { kind: "string", value: texts(f.s).at(-1) ?? "" }];
    case attributeTypes.tensor:
      return [name, { kind: "tensor", value: readTensor(last(f.t) === undefined ? new Uint8Array() : payloadOf(last(f.t)!), undefined) }];
    case attributeTypes.floats:
      return [name, { kind: "floats", value: every(f.floats).flatMap((entry) => [...floatsOf(entry)]) }];
    case attributeTypes.ints:
      return [name, { kind: "ints", value: every(f.ints).flatMap(integersOf).map(Number) }];
    case attributeTypes.strings:
      return [name, { kind: "strings", value: texts(f.strings) }];
    default:
      return refuse(`an attribute '${name}' that is a graph, or of another kind not read here`);
  }
}

function readValue(content: Uint8Array): OnnxValue {
  let name = "";
  let type: Uint8Array | undefined;
  for (const entry of entries(content)) {
    if (entry.field === fields.valueInfo.name) name = textOf(entry);
    else if (entry.field === fields.valueInfo.type) type = payloadOf(entry);
  }
  const tensor = type === undefined ? undefined : [...entries(type)].findLast((entry) => entry.field === fields.type.tensor);
  if (tensor === undefined) return refuse(`an input or output '${name}' that is not a tensor`);
  let code = 0;
  const shape: (number | string)[] = [];
  for (const entry of entries(payloadOf(tensor))) {
    if (entry.field === fields.tensorType.elemType) code = integerOf(entry);
    else if (entry.field === fields.tensorType.shape) shape.push(...readShape(payloadOf(entry)));
  }
  const elementType = elementTypeOf(code);
  if (elementType === undefined) return refuse(`an input or output '${name}' of element type ${code}`);
  return { name, type: elementType, shape };
}

/** The sizes of a shape; one that says nothing is called `?`. */
function readShape(content: Uint8Array): (number | string)[] {
  const f = fields.dimension;
  return [...entries(content)]
    .filter((entry) => entry.field === fields.shape.dim)
    .map((dimension) => {
      const size = [...entries(payloadOf(dimension))].find((entry) => entry.field === f.value || entry.field === f.param);
      if (size === undefined) return "?";
      return size.field === f.value ? integerOf(size) : textOf(size);
    });
}

function isDefault(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function refuse(what: string): never {
  throw new Failure("bad-file", `the model has ${what}, which Net Surgeon does not read`);
}
