import type { DialectName } from "../schema/schema.ts";
import type { LayerType } from "./definition.ts";
import { innerProduct } from "./inner-product.ts";
import { relu } from "./relu.ts";

/** All layer types. Adding one is adding its file and a line here. */
export const layerTypes: readonly LayerType[] = [innerProduct, relu];

const byName = new Map<string, LayerType[]>();
for (const type of layerTypes) byName.set(type.type, [...(byName.get(type.type) ?? []), type]);

/** The layer type of a name in a dialect; undefined where that Caffe has no such layer. */
export function layerType(name: string, dialect: DialectName): LayerType | undefined {
  return byName.get(name)?.find((type) => type.dialects === undefined || type.dialects.includes(dialect));
}

/** The dialects that know a layer type; empty for an unknown one. */
export function layerTypeHomes(name: string): readonly LayerType[] {
  return byName.get(name) ?? [];
}
