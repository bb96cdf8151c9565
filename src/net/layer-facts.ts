import type { Phase } from "../layers/definition.ts";
import type { Message } from "../prototxt/message.ts";

/** What every reading of a net asks of each layer's message. */
export interface LayerFacts {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
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
}

/** The facts of a `LayerParameter`. Messages outlive a version of the text (`readMessage`), so most are worked out once for many versions. */
export function factsOf(message: Message): LayerFacts {
  return (message.facts ??= collect(message)) as LayerFacts;
}

function collect(message: Message): LayerFacts {
  const facts: { -readonly [K in keyof LayerFacts]: LayerFacts[K] } = {
    name: "", type: "", bottoms: none, tops: none, phase: undefined, include: none, exclude: none, params: none, namesParams: false, lossWeights: 0, propagateDowns: 0,
  };
  // Once over the values instead of once for each field: a net has thousands of layers.
  for (const { field, value } of message.all) {
    switch (field.name) {
      case "name": facts.name = value as string; break;
      case "type": facts.type = value as string; break;
      case "bottom": facts.bottoms = [...facts.bottoms, value as string]; break;
      case "top": facts.tops = [...facts.tops, value as string]; break;
      case "phase": facts.phase = value as Phase; break;
      case "include": facts.include = [...facts.include, value as Message]; break;
      case "exclude": facts.exclude = [...facts.exclude, value as Message]; break;
      case "param":
        facts.params = [...facts.params, value as Message];
        facts.namesParams ||= (value as Message).text("name") !== "";
        break;
      case "loss_weight": facts.lossWeights++; break;
      case "propagate_down": facts.propagateDowns++; break;
    }
  }
  return facts;
}

const none: readonly never[] = [];
