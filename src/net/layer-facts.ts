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
  let facts = known.get(message);
  if (facts === undefined) known.set(message, (facts = collect(message)));
  return facts;
}

const known = new WeakMap<Message, LayerFacts>();

function collect(message: Message): LayerFacts {
  const params = message.messages("param");
  return {
    name: message.text("name"),
    type: message.text("type"),
    bottoms: message.texts("bottom"),
    tops: message.texts("top"),
    phase: message.has("phase") ? (message.text("phase") as Phase) : undefined,
    include: message.messages("include"),
    exclude: message.messages("exclude"),
    params,
    namesParams: params.some((param) => param.text("name") !== ""),
    lossWeights: message.size("loss_weight"),
    propagateDowns: message.size("propagate_down"),
  };
}
