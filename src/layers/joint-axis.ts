import { axisOf, checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { shapeText } from "./shape.ts";

/**
 * The axis of Concat and Slice: `axis`, or the older `concat_dim` and `slice_dim` that take no negative numbers.
 * Source: `concat_layer.cpp`, `slice_layer.cpp`.
 */
export function jointAxis(layer: ShapedLayer, kind: "concat" | "slice"): number | Refusal {
  const bottom = layer.bottoms[0]!;
  const [name, old] = [`${kind}_param`, `${kind}_dim`];
  const param = layer.message.message(name);
  if (param.has("axis") && param.has(old)) {
    return {
      refused: `${layer.name} gives both 'axis' and '${old}', two names for one thing. Keep 'axis'.`,
      at: `${name}.${old}`,
      caffe: `Check failed: !(${name}.has_axis() && ${name}.has_${old}()) Either axis or ${old} should be specified; not both.`,
    };
  }
  if (!param.has(old)) return axisOf(layer, param.number("axis"), bottom, `${name}.axis`);
  const axis = param.number(old) | 0;
  if (axis >= 0 && axis < bottom.length) return axis;
  return {
    refused:
      `${layer.name} needs axis ${param.number(old)}, but its input (${shapeText(bottom)}) has ` +
      `${bottom.length === 0 ? "no axes" : `axes 0 to ${bottom.length - 1}`}.`,
    at: `${name}.${old}`,
    caffe:
      axis < 0
        ? checkFailed(
          `${kind}_axis_ >= 0`,
          axis,
          0,
          `casting ${old} from uint32 to int32 produced negative result; ${old} must satisfy 0 <= ${old} < 32`,
        )
        : checkFailed(`${kind}_axis_ < num_axes`, axis, bottom.length, `${old} out of range.`),
  };
}
