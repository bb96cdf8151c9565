import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { count } from "../text/words.ts";
import type { LayerFormat } from "./layout.ts";
import { layerFields, netFields, typeOfV0, typeOfV1, v0LayerInV1 } from "./layout.ts";
import { scanBlob } from "./scan-blob.ts";
import { shownName } from "./shown-name.ts";
import type { BlobRef, Span, WeightsFile, WeightsLayer } from "./weights-file.ts";
import type { ByteSource, WireCursor } from "./wire.ts";
import { nextField, openCursor, valueBytes, wireTypes } from "./wire.ts";

const maxNameBytes = 1 << 16;
/** Protobuf messages, and so the files Caffe writes, stay below this. */
const maxMessageBytes = 2 ** 31;

interface Scan {
  readonly cursor: WireCursor;
  readonly file: string;
  readonly layers: WeightsLayer[];
  blobs: number;
}

/**
 * Layers and blobs of a NetParameter, in the order of the file, by stepping over all payloads.
 *
 * Only the net's name, the layers' names, types and blobs are looked at: forks of Caffe give other fields other meanings.
 * Throws a {@link Failure} where the bytes are truncated, damaged, or no NetParameter.
 */
export function scanNet(source: ByteSource, file: string): Pick<WeightsFile, "format" | "netName" | "layers"> {
  const scan: Scan = { cursor: openCursor(source), file, layers: [], blobs: 0 };
  const { cursor, layers } = scan;
  let netName = "";
  while (nextField(cursor, source.size)) {
    const { field, wire, valueStart, valueEnd } = cursor;
    if (wire !== wireTypes.bytes) continue;
    if (field === netFields.name) netName = readText(scan);
    else if (field === netFields.layersV1 || field === netFields.layersV2) {
      if (layers.length >= limit("layers")) throw tooMany("layers", "layers", file);
      const span = { start: cursor.fieldStart, end: valueEnd };
      layers.push(scanLayer(scan, field === netFields.layersV2 ? "V2" : "V1", valueStart, span));
      cursor.position = valueEnd;
    }
  }
  if (cursor.fault !== undefined) throw netFault(scan);
  return { format: formatOf(layers), netName, layers };
}

interface LayerParts {
  name: string;
  type: string;
  blobs: BlobRef[];
  format: LayerFormat;
}

function scanLayer(scan: Scan, format: LayerFormat, start: number, span: Span): WeightsLayer {
  const parts: LayerParts = { name: "", type: "", blobs: [], format };
  scanLayerFields(scan, parts, start, span.end, span);
  return { ...parts, span };
}

/** Reads the fields of a layer at `[start, end)`; a V0 layer inside a V1 one takes its place. */
function scanLayerFields(scan: Scan, parts: LayerParts, start: number, end: number, layer: Span): void {
  const { cursor } = scan;
  const { format } = parts;
  const fields = layerFields[format];
  cursor.position = start;
  while (nextField(cursor, end)) {
    const { field, wire, fieldStart, valueStart, valueEnd } = cursor;
    const isV0 = field === v0LayerInV1 && format === "V1";
    // Of a V1 layer around a V0 one, Caffe keeps bottoms and tops only.
    if (parts.format !== format && !isV0) continue;
    if (field === fields.type && format === "V1" && wire === wireTypes.varint) parts.type = typeOfV1(cursor.low | 0);
    if (wire !== wireTypes.bytes) continue;
    if (isV0) {
      if (parts.format !== "V0") Object.assign(parts, { format: "V0", name: "", type: "", blobs: [] });
      scanLayerFields(scan, parts, valueStart, valueEnd, layer);
      cursor.position = valueEnd;
    } else if (field === fields.name) parts.name = readText(scan);
    else if (field === fields.type && format === "V2") parts.type = readText(scan);
    else if (field === fields.type && format === "V0") parts.type = typeOfV0(readText(scan));
    else if (field === fields.blobs) {
      if (++scan.blobs > limit("modelBlobs")) throw tooMany("modelBlobs", "blobs", scan.file);
      const blob = { start: fieldStart, end: valueEnd };
      parts.blobs.push(scanBlob(cursor, valueStart, valueEnd, blob, scan.file, layerWords(scan, parts, layer)));
      cursor.position = valueEnd;
    }
  }
  if (cursor.fault !== undefined) {
    const place = `${layerWords(scan, parts, layer)} (${placeWords(cursor)})`;
    throw new Failure("bad-file", `damaged in ${place}: ${cursor.fault}.`, { file: scan.file });
  }
}

/** More than the index has room for; the deepest known nets have some thousand layers. */
function tooMany(name: "layers" | "modelBlobs", what: string, file: string): Failure {
  const most = limit(name);
  // How many there are is not known before all are read.
  return new Failure("bad-file", `has more than ${count(most)} ${what}.`, { file, advice: raising(name, 10 * most) });
}

function readText(scan: Scan): string {
  const { cursor } = scan;
  const length = cursor.valueEnd - cursor.valueStart;
  if (length > maxNameBytes) {
    throw new Failure("bad-file", `damaged (${placeWords(cursor)}): a name of ${count(length)} bytes.`, { file: scan.file });
  }
  return new TextDecoder().decode(valueBytes(cursor, length));
}

function formatOf(layers: readonly WeightsLayer[]): WeightsFile["format"] {
  const formats = new Set(layers.map((layer) => layer.format));
  if (formats.size === 0) return "empty";
  if (formats.has("V2")) return formats.size > 1 ? "mixed" : "V2";
  return formats.has("V0") ? "V0" : "V1";
}

/** The failure for what stopped the reading between layers. */
function netFault(scan: Scan): Failure {
  const { cursor, layers, file } = scan;
  const last = layers.at(-1);
  const place = `(${placeWords(cursor)})`;
  const net = cursor.field === netFields.name || cursor.field === netFields.layersV1 || cursor.field === netFields.layersV2;
  const claims = cursor.valueEnd - cursor.valueStart;
  if (cursor.overrun && claims < maxMessageBytes && (last !== undefined || net)) {
    const where = last === undefined ? "before its first layer ends" : `after layer '${shownName(last.name)}'`;
    return new Failure("bad-file", `truncated ${where} ${place}.`, { file, advice: "Copy or download it again." });
  }
  if (last === undefined) {
    return new Failure("bad-file", `is not a caffemodel: at byte ${count(cursor.fieldStart)}, ${cursor.fault}.`, { file });
  }
  return new Failure("bad-file", `damaged after layer '${shownName(last.name)}' ${place}: ${cursor.fault}.`, { file });
}

function layerWords(scan: Scan, parts: LayerParts, span: Span): string {
  if (parts.name !== "") return `layer '${shownName(parts.name)}'`;
  return `layer ${count(scan.layers.length + 1)} (from byte ${count(span.start)} on)`;
}

function placeWords(cursor: WireCursor): string {
  return `byte ${count(cursor.fieldStart)} of ${count(cursor.source.size)}`;
}
