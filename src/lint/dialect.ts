import { schemaOf } from "../schema/schema.ts";
import type { Rule } from "./rule.ts";

/** Nets that are read for another Caffe than BVLC's because of what they use. */
export const dialect: Rule = {
  code: "dialect",
  severity: "information",
  group: "net",
  doc: "The net uses names that BVLC Caffe refuses and another Caffe knows, so it is read for that one.",
  *check({ net }) {
    const { name, reason, because, at } = net.document.dialect;
    if (reason !== "detected" || at === undefined) return;
    const layer = net.layers.find(({ source }) => source?.node !== undefined && source.node.start <= at.start && at.end <= source.node.end);
    yield {
      start: at.start,
      end: at.end,
      ...(layer && { layer: layer.name }),
      message: `the net is read for ${schemaOf(name).title}, because ${because}. '# proto-dialect: ${name}' at the top settles it; BVLC Caffe refuses the net as it is.`,
    };
  },
};
