import { placeIn } from "../net/net.ts";
import type { Rule } from "./rule.ts";

/** Nets in the formats before `layer { type: "…" }`. */
export const legacyFormat: Rule = {
  code: "legacy-format",
  severity: "information",
  group: "net",
  doc: "Caffe still reads the old formats and upgrades them as it loads; newer layer types and fields do not exist in them.",
  *check({ net }) {
    if (net.format !== "V0" && net.format !== "V1") return;
    const first = net.layers.find((layer) => layer.source !== undefined);
    if (first === undefined) return;
    const place = first.source?.node?.parent?.nameRange ?? placeIn(first, "type");
    yield {
      start: place.start,
      end: place.end,
      tags: ["deprecated"],
      message: `the net is written in Caffe's ${net.format} format ('layers'), which Caffe upgrades as it loads it. 'netsurgeon upgrade' writes the current format.`,
    };
  },
};
