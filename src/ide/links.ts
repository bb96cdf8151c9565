import type { Range } from "../text/edit.ts";
import { messagesOf, valuesOf, type MessageNode } from "../prototxt/tree.ts";
import { unquote } from "../prototxt/scalar.ts";
import type { Analysis } from "./analysis.ts";
import { namesHost, weightsComment } from "./directives.ts";
import { inside } from "./names.ts";

/** A path that a text names. */
export interface PathMention extends Range {
  readonly path: string;
  readonly field: string;
}

const pathFields = new Set(["source", "mean_file", "meanfile", "net", "train_net", "test_net", "snapshot", "weights", "label_map_file", "name_size_file", "infogain_mat"]);

/** The files that a text names: data, means, nets of a solver, and the model of a `# weights:` comment. Relative to where Caffe runs, usually the text's folder. */
export function pathsIn(analysis: Analysis): PathMention[] {
  const found: PathMention[] = [];
  const visit = (message: MessageNode): void => {
    for (const field of message.fields) {
      for (const value of valuesOf(field)) {
        if (value.kind !== "scalar" || value.form !== "string" || !pathFields.has(field.name)) continue;
        const path = unquote(value.raw);
        if (path !== "" && !namesHost(path)) found.push({ ...inside(analysis.text, value), path, field: field.name });
      }
      for (const inner of messagesOf(field)) visit(inner);
    }
  };
  visit(analysis.document.tree.root);
  const weights = weightsComment(analysis.document.tree);
  if (weights !== undefined) found.push({ ...weights, field: "weights" });
  return found;
}
