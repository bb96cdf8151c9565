import { placeIn } from "../net/net.ts";
import type { Rule } from "./rule.ts";

/** Tops that no layer reads although the net goes on without them. */
export const unusedTop: Rule = {
  code: "unused-top",
  severity: "information",
  group: "net",
  doc: "Nothing reads this blob: Caffe computes it and returns it as an output of the net. Often a misspelt bottom further down, or a layer left over.",
  *check({ net }) {
    const last = net.layers.at(-1);
    const ends = net.layers.filter((layer) => layer.tops.some((top) => top.readers.length === 0)).length;
    for (const blob of net.blobs) {
      const { maker } = blob;
      if (blob.readers.length > 0 || blob.automatic || maker === last) continue;
      if (maker.definition?.role === "loss" || maker.definition?.role === "measure") continue;
      if (maker.definition?.role === "data" && blob.name === "label") continue;
      // The end of a branch is a result like that of the last layer; only what hangs beside the way to it is left over.
      const feedsOthers = maker.tops.some((top) => top.readers.length > 0);
      const isData = maker.definition?.role === "data";
      if (!feedsOthers && !isData && ends <= 2) continue;
      yield {
        ...placeIn(maker, `top.${blob.top}`),
        layer: maker.name,
        tags: ["unnecessary"],
        message: `no layer reads '${blob.name}': it becomes an output of the net. Remove it if that is not wanted, or check the bottoms of the layers below.`,
      };
    }
  },
};
