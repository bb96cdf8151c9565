import type { Fix } from "../text/diagnostic.ts";
import type { Layer } from "../net/net.ts";
import { placeIn } from "../net/net.ts";
import { reachOf } from "../net/reach.ts";
import type { Rule } from "./rule.ts";

/** Convolution, pooling and the like that pad their input. */
export const padding: Rule = {
  code: "padding",
  severity: "warning",
  group: "pixelwise",
  doc: "Zeros around every patch are not there when the net runs over a whole image, so the pixel-wise output differs from the patch classifier's.",
  *check({ net, shapes, fields }) {
    for (const layer of net.layers) {
      const reach = reachOf(shapes, layer);
      if ((reach.kind !== "window" && reach.kind !== "upsample") || (!(reach.pad[0] > 0) && !(reach.pad[1] > 0))) continue;
      if (layer.type === "LRN" || fields[layer.index]![0] === undefined) continue;
      const pads = padFields(layer);
      if (pads.length === 0) continue;
      const [rows, columns] = reach.pad;
      const amount = rows === columns ? `${rows}` : `${rows} rows and ${columns} columns`;
      const fix: Fix = { title: `Set pad of ${layer.name} to 0`, edits: pads.map(({ start, end }) => ({ start, end, text: "0" })) };
      const effect =
        reach.kind === "window"
          ? `pads its input by ${amount}. On a patch, zeros surround every patch; on a whole image, only its edge`
          : `cuts ${amount} off each side of its output (pad). On a patch, that is the border of every patch; on a whole image, only its edge`;
      yield {
        ...placeIn(layer, pads[0]!.path),
        layer: layer.name,
        message: `${layer.name} ${effect}, so the pixel-wise output will differ from the patch classifier. Set pad to 0 and retrain, or accept an approximate result.`,
        fixes: [fix],
      };
    }
  },
};

/** The values of `pad`, `pad_h` and `pad_w` that are not 0, in whichever parameter message the layer has. */
function padFields(layer: Layer): { path: string; start: number; end: number }[] {
  const found = [];
  for (const param of layer.definition?.params ?? []) {
    const message = layer.message.message(param);
    for (const name of ["pad", "pad_h", "pad_w", "pad_beg", "pad_end"]) {
      for (const value of message.valuesOf(name)) {
        if (value.value !== 0 && value.valueNode !== undefined)
          found.push({ path: `${param}.${name}`, start: value.valueNode.start, end: value.valueNode.end });
      }
    }
  }
  return found;
}
