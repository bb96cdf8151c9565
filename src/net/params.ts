import type { Code, Diagnostic } from "../text/diagnostic.ts";
import { counted, count } from "../text/words.ts";
import { shapesDiffer, shapeText, volume, type Shape } from "../layers/shape.ts";
import type { Message } from "../prototxt/message.ts";
import { factsOf } from "./layer-facts.ts";
import { placeIn, type Layer } from "./net.ts";
import type { NetShapes } from "./shapes.ts";

/** The layer that owns a shared param, by `param { name: … }`; for params without a name, the layer itself. */
export interface ParamOwner {
  readonly layer: Layer;
  readonly index: number;
}

/** Who owns param `index` of each layer: the first layer that names it. By position in `net.layers`. */
export function paramOwners(shapes: NetShapes): ParamOwner[][] {
  const owners = new Map<string, ParamOwner>();
  return shapes.net.layers.map((layer, i) => {
    const { params: specs } = factsOf(layer.message).rest;
    return shapes.layers[i]!.params.map((_, index) => {
      const name = specs[index]?.text("name") ?? "";
      const owner = (name === "" ? undefined : owners.get(name)) ?? { layer, index };
      if (name !== "" && !owners.has(name)) owners.set(name, owner);
      return owner;
    });
  });
}

/**
 * Reports what Caffe refuses about `param`, `loss_weight` and `propagate_down` of every layer: too many of them, shared params whose shapes or
 * multipliers differ. Source: `Net::Init`, `Net::AppendParam`, `Layer::SetLossWeights`.
 */
export function checkParams(shapes: NetShapes, report: (diagnostic: Diagnostic) => void): void {
  const isShared = shapes.net.layers.some(({ message }) => factsOf(message).rest.namesParams);
  const owners = isShared ? paramOwners(shapes) : undefined;
  const multipliers = new Map<string, number>();
  for (const layer of shapes.net.layers) {
    const { params } = shapes.layers[layer.index]!;
    checkCounts(layer, params.length, shapes.determined[layer.index]!, report);
    owners?.[layer.index]!.forEach((owner, index) => {
      if (owner.layer === layer && owner.index === index) return;
      checkShared(layer, index, params[index], owner, shapes.layers[owner.layer.index]!.params[owner.index], report);
      checkMultipliers(layer, index, owner, multipliers, report);
    });
  }
}

function checkCounts(layer: Layer, params: number, determined: boolean, report: (diagnostic: Diagnostic) => void): void {
  const { params: { length: specs }, lossWeights: weights, propagateDowns: down } = factsOf(layer.message).rest;
  if (specs === 0 && weights === 0 && down === 0) return;
  const problem = (code: Code, field: string, text: string, caffe: string): void => {
    report({ code, severity: "error", ...placeIn(layer, field), layer: layer.name, message: `${layer.name} ${text}`, caffe });
  };
  if (determined && specs > params) {
    problem(
      "param-count",
      `param.${params}`,
      `has ${counted(params, "learned blob")}, but ${counted(specs, "'param' block")}. Remove the surplus.`,
      `Check failed: param_size <= num_param_blobs (${specs} vs. ${params}) Too many params specified for layer ${layer.name}`,
    );
  }
  if (weights > 0 && weights !== layer.tops.length) {
    problem(
      "loss-weight-count",
      "loss_weight",
      `gives loss_weight ${weights} times for ${counted(layer.tops.length, "top")}; it is given once for each top, or not at all.`,
      `Check failed: top.size() == num_loss_weights (${layer.tops.length} vs. ${weights}) loss_weight must be unspecified or specified once per top blob.`,
    );
  }
  if (down > 0 && down !== layer.bottomNames.length) {
    problem(
      "propagate-down-count",
      "propagate_down",
      `gives propagate_down ${down} times for ${counted(layer.bottomNames.length, "bottom")}; it is given once for each bottom, or not at all.`,
      `Check failed: layer_param.propagate_down_size() == layer_param.bottom_size() (${down} vs. ${layer.bottomNames.length}) propagate_down param must be specified either 0 or bottom_size times`,
    );
  }
}

function checkShared(
  layer: Layer,
  index: number,
  shape: Shape | undefined,
  owner: ParamOwner,
  owned: Shape | undefined,
  report: (diagnostic: Diagnostic) => void,
): void {
  const spec = factsOf(layer.message).rest.params[index];
  const ownerSpec = factsOf(owner.layer.message).rest.params[owner.index];
  if (spec === undefined || ownerSpec === undefined) return;
  const permissive = spec.text("share_mode") === "PERMISSIVE";
  const fits =
    shape === undefined ||
    owned === undefined ||
    (permissive ? !(volume(shape) < volume(owned) || volume(shape) > volume(owned)) : !shapesDiffer(shape, owned));
  if (!fits) {
    report({
      code: "shared-param",
      severity: "error",
      ...placeIn(layer, `param.${index}.name`),
      layer: layer.name,
      related: [ownedHere(owner, spec)],
      message: `${layer.name} shares '${spec.text("name")}' with ${owner.layer.name}, but needs it as ${shapeText(shape)} (${count(volume(shape))} values) where ${owner.layer.name} has ${shapeText(owned)} (${count(volume(owned))}).`,
      caffe: sharedText(layer, spec.text("name"), owner, shape, owned, permissive),
    });
  }
}

/** Shared params take one rate each: that of their owner, or of the first who gives one. Collects these in `known`. */
function checkMultipliers(
  layer: Layer,
  index: number,
  owner: ParamOwner,
  known: Map<string, number>,
  report: (diagnostic: Diagnostic) => void,
): void {
  const spec = factsOf(layer.message).rest.params[index];
  const ownerSpec = factsOf(owner.layer.message).rest.params[owner.index];
  if (spec === undefined || ownerSpec === undefined) return;
  for (const [field, word, rates] of [
    ["lr_mult", "learning rate", "params_lr_"],
    ["decay_mult", "decay rate", "params_weight_decay_"],
  ] as const) {
    if (!spec.has(field)) continue;
    const key = `${owner.layer.index} ${owner.index} ${field}`;
    const first = ownerSpec.has(field) ? ownerSpec.number(field) : (known.get(key) ?? spec.number(field));
    known.set(key, first);
    if (first === spec.number(field)) continue;
    report({
      code: "shared-param",
      severity: "error",
      ...placeIn(layer, `param.${index}.${field}`),
      layer: layer.name,
      related: [ownedHere(owner, spec)],
      message: `${layer.name} shares '${spec.text("name")}' with ${owner.layer.name}, but gives it another ${word} (${field} ${spec.number(field)} and ${first}). Shared params take one.`,
      caffe: `Check failed: param_spec->${field}() == ${rates}[learnable_param_id] (${spec.number(field)} vs. ${first}) Shared param '${spec.text("name")}' has mismatched ${field}.`,
    });
  }
}

function ownedHere(owner: ParamOwner, spec: Message): { start: number; end: number; message: string } {
  return { ...placeIn(owner.layer, `param.${owner.index}.name`), message: `'${spec.text("name")}' is owned by '${owner.layer.name}'.` };
}

function sharedText(layer: Layer, name: string, owner: ParamOwner, shape: Shape, owned: Shape, permissive: boolean): string {
  const text = (s: Shape): string => `${s.join(" ")} (${volume(s)})`;
  const check = permissive ? "this_blob->count() == owner_blob->count()" : "this_blob->shape() == owner_blob->shape()";
  const what = permissive ? "count" : "shape";
  return `Check failed: ${check} Cannot share param '${name}' owned by layer '${owner.layer.name}' with layer '${layer.name}'; ${what} mismatch.  Owner layer param shape is ${text(owned)}; sharing layer ${permissive ? "shape is" : "expects shape"} ${text(shape)}`;
}
