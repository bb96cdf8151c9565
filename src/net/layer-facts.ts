import type { Phase } from "../layers/definition.ts";
import { isEnum } from "../schema/schema.ts";
import { unquote } from "../prototxt/scalar.ts";
import { Message } from "../prototxt/message.ts";

/** What every reading of a net asks of each layer's message. */
export interface LayerFacts {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  readonly rest: LayerRest;
}

/** What is in a layer's message beside its names. */
export interface LayerRest {
  /** The layer's own phase, where it gives one. */
  readonly phase: Phase | undefined;
  readonly include: readonly Message[];
  readonly exclude: readonly Message[];
  /** The `param` blocks. */
  readonly params: readonly Message[];
  /** True where a param has a name, by which it can be shared. */
  readonly namesParams: boolean;
  /** How often `loss_weight` and `propagate_down` are given. */
  readonly lossWeights: number;
  readonly propagateDowns: number;
  /** The models of all of it: layers of the same models are the same to their rules but for names. Undefined where something has none. */
  readonly models: readonly Message[] | undefined;
}

/** The facts of a `LayerParameter`. Messages outlive a version of the text (`readMessage`), so most are worked out once for many versions. */
export function factsOf(message: Message): LayerFacts {
  return (message.facts ??= likeModel(message) ?? collect(message)) as LayerFacts;
}

/** The facts of a message that differs from its model in nothing but names; undefined for others. */
function likeModel({ model, strings }: Message): LayerFacts | undefined {
  if (model === undefined) return undefined;
  const facts: Facts = { name: "", type: "", bottoms: none, tops: none, rest: restOf(model) };
  let next = 0;
  for (const { field, value } of model.all) {
    if (typeof value !== "string") continue;
    const isText = !isEnum(field.type);
    if (isName(field.name)) addName(facts, field.name, isText ? unquote(strings[next++]!) : value);
    else if (isText) return undefined;
  }
  return facts;
}

/** What the messages of a model have in common. */
function restOf(model: Message): LayerRest {
  const { rest } = factsOf(model);
  if (rest.models?.[0] !== model) model.facts = { ...factsOf(model), rest: { ...rest, models: [model] } } satisfies LayerFacts;
  return factsOf(model).rest;
}

type Facts = { -readonly [K in keyof LayerFacts]: LayerFacts[K] };

function collect(message: Message): LayerFacts {
  const rest: { -readonly [K in keyof LayerRest]: LayerRest[K] } = {
    phase: undefined, include: none, exclude: none, params: none, namesParams: false, lossWeights: 0, propagateDowns: 0, models: none,
  };
  const facts: Facts = { name: "", type: "", bottoms: none, tops: none, rest };
  // Once over the values instead of once for each field: a net has thousands of layers.
  for (const { field, value } of message.all) {
    if (isName(field.name)) {
      addName(facts, field.name, value as string);
      continue;
    }
    if (rest.models !== undefined) rest.models = value instanceof Message && value.model !== undefined ? joined(rest.models, value.model) : undefined;
    switch (field.name) {
      case "phase": rest.phase = value as Phase; break;
      case "include": rest.include = joined(rest.include, value as Message); break;
      case "exclude": rest.exclude = joined(rest.exclude, value as Message); break;
      case "param":
        rest.params = joined(rest.params, value as Message);
        rest.namesParams ||= (value as Message).text("name") !== "";
        break;
      case "loss_weight": rest.lossWeights++; break;
      case "propagate_down": rest.propagateDowns++; break;
    }
  }
  return facts;
}

function isName(field: string): field is "name" | "type" | "bottom" | "top" {
  return field === "name" || field === "type" || field === "bottom" || field === "top";
}

function addName(facts: Facts, field: "name" | "type" | "bottom" | "top", name: string): void {
  if (field === "bottom") facts.bottoms = joined(facts.bottoms, name);
  else if (field === "top") facts.tops = joined(facts.tops, name);
  else facts[field] = name;
}

function joined<T>(list: readonly T[], one: T): readonly T[] {
  return list.length === 0 ? [one] : [...list, one];
}

const none: readonly never[] = [];
