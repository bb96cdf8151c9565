import type { Diagnostic } from "../text/diagnostic.ts";
import type { Message } from "../prototxt/message.ts";
import type { Phase } from "../layers/definition.ts";
import { factsOf } from "./layer-facts.ts";
import type { ListedLayer } from "./legacy.ts";

/** The state a net is built for; Caffe's `NetState`. */
export interface NetState {
  readonly phase: Phase;
  readonly level: number;
  readonly stages: readonly string[];
}

/** The state that is usual for looking at a net: TEST, level 0, no stages. */
export const testState: NetState = { phase: "TEST", level: 0, stages: [] };

/**
 * The layers that are part of the net in a state, by their `include` and `exclude` rules.
 *
 * A layer with no rules is in; with `include` rules it is in when one of them holds; with `exclude` rules when none of them holds.
 * Both kinds in one layer is what Caffe refuses. Source: `Net::FilterNet`, `Net::StateMeetsRule`.
 */
export function filterLayers(layers: readonly ListedLayer[], state: NetState, report: (diagnostic: Diagnostic) => void): ListedLayer[] {
  return layers.filter(({ message }) => {
    const { include, exclude } = factsOf(message).rest;
    if (include.length === 0 && exclude.length === 0) return true;
    if (include.length > 0 && exclude.length > 0) {
      const place = message.fieldNode("exclude", 0) ?? { start: 0, end: 0 };
      report({
        code: "include-and-exclude",
        severity: "error",
        start: place.start,
        end: place.end,
        layer: message.text("name"),
        message: `${message.text("name")} has both include and exclude rules; Caffe takes one kind or the other.`,
        caffe:
          "Check failed: layer_param.include_size() == 0 || layer_param.exclude_size() == 0 Specify either include rules or exclude rules; not both.",
      });
    }
    return include.length > 0 ? include.some((rule) => holds(rule, state)) : !exclude.some((rule) => holds(rule, state));
  });
}

/** True where a `NetStateRule` holds in a state; an empty rule always does. */
export function holds(rule: Message, state: NetState): boolean {
  if (rule.has("phase") && rule.text("phase") !== state.phase) return false;
  if (rule.has("min_level") && state.level < rule.number("min_level")) return false;
  if (rule.has("max_level") && state.level > rule.number("max_level")) return false;
  return (
    rule.texts("stage").every((stage) => state.stages.includes(stage)) &&
    !rule.texts("not_stage").some((stage) => state.stages.includes(stage))
  );
}
