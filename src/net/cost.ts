import { isKnown, volume } from "../layers/shape.ts";
import { paramOwners } from "./params.ts";
import { shapedLayer, type NetShapes } from "./shapes.ts";

/** The parameters of layer types that multiply by learned weights; what the others do per value is not counted as multiply-adds. */
const products = ["convolution_param", "inner_product_param", "recurrent_param", "embed_param"];

/** What a layer costs. Unknown shapes give `NaN`. */
export interface LayerCost {
  /** Learned values that this layer owns; those it shares are counted at their owner. */
  readonly parameters: number;
  /** Multiply-adds with learned weights in one pass, batch included; 0 for layers without such products. */
  readonly multiplyAdds: number;
  /** Bytes of its tops as float32; 0 where it works in place. */
  readonly activationBytes: number;
}

/** What each layer of a net costs, in the order of `net.layers`, and all together. Totals leave unknown layers out. */
export function netCost(shapes: NetShapes): { layers: LayerCost[]; total: LayerCost } {
  const owners = paramOwners(shapes);
  const layers = shapes.net.layers.map((layer, i) => {
    const { tops, params } = shapes.layers[i]!;
    const own = params.filter((_, index) => owners[i]![index]!.layer === layer && owners[i]![index]!.index === index);
    const shaped = shapedLayer(shapes, layer);
    return {
      parameters: own.reduce((sum, shape) => sum + volume(shape ?? [NaN]), 0),
      multiplyAdds:
        layer.definition?.multiplyAdds === undefined || !layer.definition.params.some((param) => products.includes(param))
          ? 0
          : shaped === undefined
            ? NaN
            : layer.definition.multiplyAdds(shaped, shapes.layers[i]!),
      activationBytes:
        4 * tops.reduce((sum, shape, top) => sum + (layer.tops[top]!.overwrites === undefined ? volume(shape ?? [NaN]) : 0), 0),
    };
  });
  const sum = (key: keyof LayerCost): number => layers.reduce((total, cost) => total + (isKnown(cost[key]) ? cost[key] : 0), 0);
  return { layers, total: { parameters: sum("parameters"), multiplyAdds: sum("multiplyAdds"), activationBytes: sum("activationBytes") } };
}
