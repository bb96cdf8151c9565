import type { Diagnostic } from "../text/diagnostic.ts";
import type { Range } from "../text/edit.ts";
import type { LayerType, Phase } from "../layers/definition.ts";
import { Message, type FieldValue } from "../prototxt/message.ts";
import type { DialectName } from "../schema/schema.ts";
import type { Document } from "./document.ts";
import { listLayers, type ListedLayer, type NetFormat } from "./legacy.ts";
import { filterLayers, testState, type NetState } from "./phase.ts";
import { wire } from "./wire.ts";

/** A net in one state (phase, level, stages): its layers in Caffe's order, and the blobs between them. */
export interface Net {
  readonly document: Document;
  readonly name: string;
  readonly dialect: DialectName;
  readonly format: NetFormat;
  readonly state: NetState;
  readonly layers: readonly Layer[];
  /** Layers of the text that the state leaves out. */
  readonly excluded: readonly ListedLayer[];
  /** Every blob, in the order they are made. A blob changed in place is a new blob of the same name. */
  readonly blobs: readonly Blob[];
  /** What is wrong with formats, phases and wiring. Syntax, schema and shapes are elsewhere. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Layer {
  /** Position in `net.layers`. */
  readonly index: number;
  readonly name: string;
  readonly type: string;
  /** Undefined for a type that the dialect does not know. */
  readonly definition: LayerType | undefined;
  /** The phase that holds for the layer: its own where it gives one. */
  readonly phase: Phase;
  /** The layer as a `LayerParameter`, upgraded where the text is older. */
  readonly message: Message;
  /** The layer as the text has it; undefined for the Input layer that net-level `input` stands for. */
  readonly source: Message | undefined;
  /** What each bottom reads; undefined where no layer above makes it. */
  readonly bottoms: readonly (Blob | undefined)[];
  readonly bottomNames: readonly string[];
  readonly tops: readonly Blob[];
}

/** What a layer makes and others read. */
export interface Blob {
  readonly name: string;
  readonly maker: Layer;
  /** Which top of the maker. */
  readonly top: number;
  readonly readers: readonly { readonly layer: Layer; readonly bottom: number }[];
  /** The blob that this one overwrites, for a layer in place. */
  readonly overwrites: Blob | undefined;
  /** True for the top that Caffe gives to a loss without one. */
  readonly automatic: boolean;
}

/** The net of a document in a state; TEST where none is given. Wrong wiring is in `diagnostics`, the rest of the net stands. */
export function readNet(document: Document, state: Partial<NetState> = {}): Net {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const stages = document.root.message("state").texts("stage");
  const whole: NetState = { ...testState, ...state, stages: [...new Set([...stages, ...(state.stages ?? [])])] };
  const { format, layers: listed } = listLayers(document.root, document.schema, report);
  const kept = filterLayers(listed, whole, report);
  const { layers, blobs } = wire(kept, whole.phase, document.dialect.name, report);
  return {
    document,
    name: document.root.text("name"),
    dialect: document.dialect.name,
    format,
    state: whole,
    layers,
    excluded: kept.length === listed.length ? [] : listed.filter((layer) => !kept.includes(layer)),
    blobs,
    diagnostics,
  };
}

/** The blobs that no layer reads, in alphabetical order as Caffe lists them; automatic loss tops are not among them. */
export function netOutputs(net: Net): Blob[] {
  return net.blobs
    .filter((blob) => blob.readers.length === 0 && !blob.automatic)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The layers that bring data in: no bottoms, and of a type that makes data. */
export function inputLayers(net: Net): Layer[] {
  return net.layers.filter((layer) => layer.bottomNames.length === 0 && layer.definition?.role === "data");
}

/** The place of a path such as `convolution_param.kernel_size` or `bottom.1` in a layer: its deepest part that the text holds. */
export function placeIn(layer: Layer, path: string | undefined): Range {
  const steps = path?.split(".") ?? [];
  let message: Message | undefined = layer.message;
  let found: Range | undefined;
  for (let i = 0; i < steps.length && message !== undefined; i++) {
    const name = steps[i]!;
    const index = /^\d+$/.test(steps[i + 1] ?? "") ? Number(steps[++i]) : -1;
    const given: FieldValue | undefined = message.valuesOf(name).at(index);
    const inner: Message | undefined = given?.value instanceof Message ? given.value : undefined;
    found = (inner === undefined ? given?.valueNode : given?.node?.nameRange) ?? found;
    message = inner;
  }
  found ??= layer.message.place("type") ?? layer.message.place("name");
  found ??= layer.source?.node?.parent?.nameRange ?? layer.message.fieldNode("top", 0) ?? { start: 0, end: 0 };
  return { start: found.start, end: found.end };
}
