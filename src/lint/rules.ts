import { borderSensitive } from "./border-sensitive.ts";
import { clippedPooling } from "./clipped-pooling.ts";
import { dialect } from "./dialect.ts";
import { duplicateLayerName } from "./duplicate-layer-name.ts";
import { globalLayer } from "./global-layer.ts";
import { inPlace } from "./in-place.ts";
import { innerProductRule } from "./inner-product.ts";
import { legacyFormat } from "./legacy-format.ts";
import { padding } from "./padding.ts";
import type { Rule } from "./rule.ts";
import { unusedTop } from "./unused-top.ts";

/** All rules. Adding one is adding its file and a line here. */
export const rules: readonly Rule[] = [
  padding,
  clippedPooling,
  borderSensitive,
  globalLayer,
  innerProductRule,
  unusedTop,
  dialect,
  duplicateLayerName,
  inPlace,
  legacyFormat,
];
