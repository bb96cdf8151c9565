import type { Diagnostic } from "../text/diagnostic.ts";
import type { LayerInput, LayerShapes, LayerType, Phase, Reach, Refusal, ShapedLayer } from "../layers/definition.ts";
import { inPlaceOf, isRefusal } from "../layers/definition.ts";
import { isKnown, shapeText, type Shape } from "../layers/shape.ts";
import { closest, list } from "../text/words.ts";
import { layerTypeHomes, layerTypes } from "../layers/registry.ts";
import type { Message } from "../prototxt/message.ts";
import { schemaOf, type DialectName } from "../schema/schema.ts";
import { placeIn, type Blob, type Layer, type Net } from "./net.ts";
import { factsOf } from "./layer-facts.ts";
import { checkParams } from "./params.ts";

/** The shapes of a net: of every blob, and of every layer's learned blobs. */
export interface NetShapes {
  readonly net: Net;
  /** By position in `net.layers`. */
  readonly layers: readonly LayerShapes[];
  /** False where a layer's rule could not be asked: an unknown type, or a bottom of which nothing is known. */
  readonly determined: readonly boolean[];
  /** What Caffe refuses while it sets the layers up, at the layer that causes it. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ShapeOptions {
  /** Shapes to take for input blobs in place of those in the text, by blob name. */
  readonly inputs?: ReadonlyMap<string, Shape>;
  /** Shape rules for layer types that Net Surgeon does not know, by type. */
  readonly custom?: CustomLayers;
}

/** The user's word on layers that Net Surgeon does not know, by type: the same shapes as a known type makes, or fixed ones. */
export type CustomLayers = Readonly<Record<string, { readonly like: string } | { readonly tops: readonly Shape[] }>>;

/** Blobs of Caffe hold fewer than 2^31 values and have at most 32 axes. Source: `blob.cpp`. */
const MAX_VALUES = 2 ** 31 - 1;
const MAX_AXES = 32;

/** The shapes of all blobs and weights. A layer that Caffe refuses is reported; the layers around it keep their shapes. */
export function inferShapes(net: Net, options: ShapeOptions = {}): NetShapes {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const unread = net.document.diagnostics.filter(({ severity, code }) => severity === "error" && code !== "repeated-field").map(({ start }) => start);
  const determined: boolean[] = [];
  const layers: LayerShapes[] = [];
  for (const layer of net.layers) {
    const bottoms = layer.bottoms.map((blob) => (blob === undefined ? undefined : layers[blob.maker.index]!.tops[blob.top]));
    // Where something in a layer could not be read, its rule judges a layer that the user did not write.
    const isJudged = isRead(layer, unread) || (layer.definition === undefined && layer.message.has("type"));
    const found = layerShapes(layer, bottoms, net, options, isJudged ? report : () => undefined);
    determined.push(found !== undefined);
    const inputs = layer.bottoms.length === 0 ? options.inputs : undefined;
    // The same object for the same answer: what else is known of a layer is kept by it.
    layers.push(
      found?.tops.length === layer.tops.length && inputs === undefined
        ? found
        : { tops: layer.tops.map(({ name }, i) => inputs?.get(name) ?? found?.tops[i]), params: found?.params ?? [] },
    );
  }
  const result = { net, layers, determined, diagnostics };
  checkParams(result, report);
  return result;
}

/** True where nothing in a layer was left unread. `unread`: where something was, in the order of the text. */
function isRead({ source }: Layer, unread: readonly number[]): boolean {
  const node = source?.node;
  if (node === undefined || unread.length === 0) return true;
  let [low, high] = [0, unread.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (unread[middle]! < node.start) low = middle + 1;
    else high = middle;
  }
  return low === unread.length || unread[low]! >= node.end;
}

/** The shape of a blob. */
export function shapeOf(shapes: NetShapes, blob: Blob | undefined): Shape | undefined {
  return blob === undefined ? undefined : shapes.layers[blob.maker.index]!.tops[blob.top];
}

/** The shapes of a layer's bottoms. */
export function bottomShapes(shapes: NetShapes, layer: Layer): (Shape | undefined)[] {
  return layer.bottoms.map((blob) => shapeOf(shapes, blob));
}

/** A layer as its rules see it, with the shapes of its bottoms; undefined where a bottom is missing or not known. */
export function shapedLayer(shapes: NetShapes, layer: Layer): ShapedLayer | undefined {
  const bottoms = bottomShapes(shapes, layer);
  if (!bottoms.every((bottom) => bottom !== undefined)) return undefined;
  const given = ruleInput(layer, bottoms, shapes.net);
  return layer.definition === undefined || hasBottoms(layer.definition, given) ? given : undefined;
}

function ruleInput<Bottoms>(layer: Layer, bottoms: Bottoms, net: Net) {
  const { name, type, phase, message, bottomNames } = layer;
  return {
    name: name === "" ? `the ${type} layer` : name,
    type,
    phase,
    dialect: net.dialect,
    message,
    bottoms,
    bottomNames,
    topNames: layer.tops.map((blob) => blob.name),
  };
}

function layerShapes(
  layer: Layer,
  bottoms: readonly (Shape | undefined)[],
  net: Net,
  options: ShapeOptions,
  report: (diagnostic: Diagnostic) => void,
): LayerShapes | undefined {
  const { definition } = layer;
  if (definition === undefined) return customShapes(layer, bottoms, net, options, report);
  if (inPlaceOf(definition, layer.message) === "refused") {
    const inPlace = layer.tops.find((blob, i) => blob.overwrites !== undefined && blob.overwrites === layer.bottoms[i]);
    if (inPlace !== undefined) {
      report(
        diagnosticOf(layer, {
          refused: `${layer.name} (${layer.type}) cannot work in place. Give its top another name than '${inPlace.name}'.`,
          at: `top.${inPlace.top}`,
          caffe: `Check failed: ${layer.type === "Split" ? "top[i]" : "top[0]"} != bottom[0] ${layer.type} Layer does not allow in-place computation.`,
        }),
      );
    }
  }
  const result = askRule(definition, layer, bottoms, net);
  if (result === undefined) return undefined;
  if (isRefusal(result)) {
    report({ ...diagnosticOf(layer, result), ...otherEnds(layer, bottoms, result) });
    return result.shapes;
  }
  for (let i = 0; i < result.tops.length; i++) checkSize(layer, result.tops[i], i, report);
  return result;
}

/** What a rule said of a layer's message, and what it was asked with. Layers that are the same to their rules have it in common. */
interface Asked {
  readonly definition: LayerType;
  readonly phase: Phase;
  readonly dialect: DialectName;
  readonly bottoms: readonly (Shape | undefined)[];
  readonly result: LayerShapes | Refusal | undefined;
  /** The reach of the layer with these shapes, once it was asked for. */
  reach: Reach | undefined;
  /** What else a layer has to have in common with the one that was asked for; undefined where the answer holds for that one alone. */
  readonly common: Common | undefined;
}

interface Common {
  readonly models: readonly Message[];
  readonly tops: number;
  readonly inPlace: boolean;
}

/** Messages outlive a version of the text (`Tree`), and most layers of the next version are asked the same again. */
function askedBefore(message: Message): Asked | undefined {
  return message.asked as Asked | undefined;
}

/** The reach of a layer, worked out by `ask` where that was not done for the same shapes before. */
export function reachOnce(shapes: NetShapes, layer: Layer, ask: () => Reach): Reach {
  const asked = askedBefore(layer.message);
  const answer = asked?.result === undefined ? undefined : isRefusal(asked.result) ? asked.result.shapes : asked.result;
  if (asked === undefined || answer === undefined || answer !== shapes.layers[layer.index]) return ask();
  return (asked.reach ??= ask());
}

function askRule(definition: LayerType, layer: Layer, bottoms: readonly (Shape | undefined)[], net: Net): Asked["result"] {
  const { message } = layer;
  const before = askedBefore(message);
  if (before !== undefined && isAnswer(before, definition, layer, bottoms, net)) return before.result;
  const common = commonOf(layer);
  const last = common === undefined ? undefined : lastAsked(definition, common.models);
  if (last?.common !== undefined && isAnswer(last, definition, layer, bottoms, net) && sameCommon(last.common, common!)) {
    message.asked = last;
    return last.result;
  }
  const given = ruleInput(layer, bottoms, net);
  const isShaped = bottoms.every((bottom) => bottom !== undefined);
  const answer = !hasBottoms(definition, given)
    ? undefined
    : isShaped
      ? definition.shapes({ ...given, bottoms })
      : definition.shapesUnknown?.(given);
  // Rules may answer with an object of theirs for whatever they are asked; here an answer stands for what it was asked with.
  const result = answer === undefined ? undefined : isRefusal(answer) ? { ...answer, ...(answer.shapes && { shapes: { ...answer.shapes } }) } : { ...answer };
  // A refusal names its layer.
  const isCommon = result !== undefined && !isRefusal(result);
  const asked: Asked = { definition, phase: layer.phase, dialect: net.dialect, bottoms, result, reach: undefined, common: isCommon ? common : undefined };
  message.asked = asked;
  if (asked.common !== undefined) {
    const model = asked.common.models.at(-1);
    if (model === undefined) lastOfType.set(definition, asked);
    else model.asked = asked;
  }
  return result;
}

function isAnswer(asked: Asked, definition: LayerType, { phase }: Layer, bottoms: readonly (Shape | undefined)[], net: Net): boolean {
  return asked.definition === definition && asked.phase === phase && asked.dialect === net.dialect && sameShapes(asked.bottoms, bottoms);
}

/** What was asked last of layers without anything but names and blobs, by their type. */
const lastOfType = new Map<LayerType, Asked>();

/** What was asked last of a layer that may be the same to its rules. */
function lastAsked(definition: LayerType, models: readonly Message[]): Asked | undefined {
  return models.length === 0 ? lastOfType.get(definition) : askedBefore(models.at(-1)!);
}

/** What makes layers the same to their rules beside their type, phase and bottoms: all that they see of the text but names. Undefined where that is not known. */
function commonOf({ message, tops, bottomNames }: Layer): Common | undefined {
  const { models } = factsOf(message).rest;
  if (models === undefined) return undefined;
  // Of names, rules compare those of tops with those of bottoms.
  const inPlace = tops.some(({ name }) => bottomNames.includes(name));
  return inPlace && (tops.length > 1 || bottomNames.length > 1) ? undefined : { models, tops: tops.length, inPlace };
}

function sameCommon(a: Common, b: Common): boolean {
  return a.tops === b.tops && a.inPlace === b.inPlace && a.models.length === b.models.length && a.models.every((model, i) => model === b.models[i]);
}

function sameShapes(a: readonly (Shape | undefined)[], b: readonly (Shape | undefined)[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const shape = a[i];
    if (shape !== b[i] && (shape === undefined || !sameShape(shape, b[i]))) return false;
  }
  return true;
}

function sameShape(a: Shape, b: Shape | undefined): boolean {
  return b?.length === a.length && a.every((dimension, i) => Object.is(dimension, b[i]));
}

/** True where a layer has at least the bottoms that its type takes, so that its rules may be asked. */
function hasBottoms(type: LayerType, layer: LayerInput): boolean {
  const { min } = typeof type.bottoms === "function" ? type.bottoms(layer) : type.bottoms;
  return layer.bottoms.length >= min;
}

function checkSize(layer: Layer, shape: Shape | undefined, top: number, report: (diagnostic: Diagnostic) => void): void {
  if (shape === undefined) return;
  const at = `top.${top}`;
  if (shape.length > MAX_AXES) {
    report(
      diagnosticOf(layer, {
        refused: `${layer.name} makes a blob of ${shape.length} axes; Caffe allows ${MAX_AXES}.`,
        at,
        caffe: `Check failed: shape.size() <= kMaxBlobAxes (${shape.length} vs. ${MAX_AXES})`,
      }),
    );
  }
  let product = 1;
  for (const dimension of shape) {
    if (dimension < 0) {
      report(
        diagnosticOf(layer, {
          refused: `${layer.name} would make a blob of ${shapeText(shape)}: a dimension below 0. Its input is too small for it.`,
          at,
          caffe: `Check failed: shape[i] >= 0 (${dimension} vs. 0)`,
        }),
      );
      return;
    }
    if (product !== 0 && dimension > MAX_VALUES / product) {
      report(
        diagnosticOf(layer, {
          refused: `${layer.name} would make a blob of ${shapeText(shape)}, more values than Caffe can count (2,147,483,647).`,
          at,
          caffe: `Check failed: shape[i] <= 2147483647 / count_ (${dimension} vs. ${Math.floor(MAX_VALUES / product)}) blob size exceeds INT_MAX`,
        }),
      );
      return;
    }
    if (isKnown(dimension)) product *= dimension;
  }
}

/** For a bottom that does not fit, where it and the first bottom are made, and with what shape. */
function otherEnds(layer: Layer, bottoms: readonly (Shape | undefined)[], { at }: Refusal): Pick<Diagnostic, "related"> {
  const index = Number(/^bottom\.(\d+)$/.exec(at ?? "")?.[1] ?? NaN);
  const related = [...new Set([index, 0])].flatMap((i) => {
    const [blob, shape] = [layer.bottoms[i], bottoms[i]];
    return blob === undefined || shape === undefined ? [] : [{ ...placeIn(blob.maker, `top.${blob.top}`), message: `'${blob.name}' is made here: ${shapeText(shape)}.` }];
  });
  return Number.isNaN(index) || related.length === 0 ? {} : { related };
}

/** A refusal as a diagnostic at the field that causes it. */
export function diagnosticOf(layer: Layer, refusal: Refusal): Diagnostic {
  return {
    code: refusal.when === "run" ? "fails-at-run" : "layer-refused",
    severity: "error",
    ...placeIn(layer, refusal.at),
    layer: layer.name,
    message: refusal.refused,
    ...(refusal.caffe !== undefined && { caffe: refusal.caffe }),
  };
}

function customShapes(
  layer: Layer,
  bottoms: readonly (Shape | undefined)[],
  net: Net,
  options: ShapeOptions,
  report: (diagnostic: Diagnostic) => void,
): LayerShapes | undefined {
  const { custom = {} } = options;
  const rule = Object.hasOwn(custom, layer.type) ? custom[layer.type] : undefined;
  if (rule === undefined) {
    report(unknownType(layer, net));
    return undefined;
  }
  if ("tops" in rule) return { tops: rule.tops, params: [] };
  const like = layerTypes.find((type) => type.type === rule.like);
  if (like === undefined || !bottoms.every((bottom) => bottom !== undefined)) return undefined;
  const given = ruleInput(layer, bottoms, net);
  if (!hasBottoms(like, given)) return undefined;
  const result = like.shapes({ ...given, bottoms });
  return isRefusal(result) ? result.shapes : { tops: result.tops, params: [] };
}

/** An unknown type may be the user's own layer: only what can be no type at all is an error. */
function unknownType(layer: Layer, net: Net): Diagnostic {
  const place = placeIn(layer, "type");
  const base = {
    code: "unknown-layer-type" as const,
    ...place,
    layer: layer.name,
    caffe: `Check failed: registry.count(type) == 1 (0 vs. 1) Unknown layer type: ${layer.type}`,
  };
  if (layer.type === "")
    return {
      ...base,
      severity: "error",
      message: `${layer.name === "" ? "This layer" : layer.name} has no type. Name one: type: "Convolution".`,
    };
  const names = layerTypes.filter((type) => type.dialects === undefined || type.dialects.includes(net.dialect)).map((type) => type.type);
  const suggestion = closest(layer.type, names);
  const homes = [...new Set(layerTypeHomes(layer.type).flatMap((type) => type.dialects ?? []))];
  const advice =
    homes.length > 0
      ? `${list(homes.map((home) => schemaOf(home).title))} has it: add '# proto-dialect: ${homes[0]!}' if this net is for that Caffe.`
      : suggestion !== undefined
        ? `Did you mean '${suggestion}'?`
        : "If it is a layer of your own, its shapes are unknown here until you declare them (layer declarations).";
  return {
    ...base,
    severity: "warning",
    message: `${schemaOf(net.dialect).title} has no layer type '${layer.type}'. ${advice}`,
    ...(suggestion !== undefined &&
      homes.length === 0 && {
        fixes: [{ title: `Change to '${suggestion}'`, edits: [{ ...place, text: JSON.stringify(suggestion) }], preferred: true }],
      }),
  };
}
