import { isRefusal, type LayerType, type Refusal, type ShapedLayer } from "./definition.ts";
import type { Shape } from "./shape.ts";

/**
 * Why a layer in place that Caffe loads dies as it runs: Caffe asks its shapes again then, and finds the top where the bottom was.
 * Undefined for layers that are not in place. `rule` is the type's shape rule, `top` what it made of the bottom.
 */
export function secondRefusal(layer: ShapedLayer, top: Shape, rule: LayerType["shapes"]): Refusal | undefined {
  if (layer.topNames[0] !== layer.bottomNames[0]) return undefined;
  const second = rule({ ...layer, bottoms: [top, ...layer.bottoms.slice(1)], topNames: ["", ...layer.topNames.slice(1)] });
  if (!isRefusal(second)) return undefined;
  return {
    ...second,
    refused:
      `${layer.name} works in place: when Caffe runs it, its result has taken the place of ` +
      `'${layer.bottomNames[0]!}', and its rules no longer hold. Give its top a name of its own.`,
    at: "top.0",
    when: "run",
  };
}
