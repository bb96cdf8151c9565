import type { Diagnostic } from "../text/diagnostic.ts";
import { closest, list } from "../text/words.ts";
import { fieldHomes } from "../schema/dialect.ts";
import { isMessage, schemaOf, type MessageSchema } from "../schema/schema.ts";
import type { FieldNode } from "./tree.ts";

/** What is wrong with a field that its message does not have, and where it may belong: another Caffe, another message, another spelling. */
export function unknownField(node: FieldNode, schema: MessageSchema): Diagnostic {
  const { name, nameRange } = node;
  const elsewhere = otherPlace(node, schema);
  const suggestion = elsewhere === undefined ? closest(name, schema.fields.keys()) : undefined;
  const advice = elsewhere ?? (suggestion === undefined ? undefined : `Did you mean '${suggestion}'?`);
  return {
    code: "unknown-field",
    severity: "error",
    start: nameRange.start,
    end: nameRange.end,
    message: `${schema.name} has no field '${name}'.${advice === undefined ? "" : ` ${advice}`}`,
    caffe: `Message type "caffe.${schema.name}" has no field named "${name}".`,
    ...(suggestion !== undefined && { fixes: [{ title: `Change to '${suggestion}'`, edits: [{ start: nameRange.start, end: nameRange.end, text: suggestion }], preferred: true }] }),
  };
}

/** What V1 layers said in lists of their own, and how it is said now. */
const successors: ReadonlyMap<string, string> = new Map([["blobs_lr", "param { lr_mult: … }"], ["weight_decay", "param { decay_mult: … }"], ["blob_share_mode", "param { share_mode: … }"]]);

/** Where a field of exactly this name exists, in words. */
function otherPlace({ name, parent }: FieldNode, schema: MessageSchema): string | undefined {
  const homes = fieldHomes(schema.name, name);
  if (homes.length > 0) return `It belongs to ${homes.join(", ")}: add '# proto-dialect: ${homes[0]!}' at the top if this net is for that Caffe.`;
  const successor = schema.name === "LayerParameter" ? successors.get(name) : undefined;
  if (successor !== undefined) return `It is of the old format ('layers'). Write ${successor} for each blob.`;
  if (name === "layer" || name === "layers") return "It is a field of the net: a '}' may be missing above.";
  const inside = [...schema.fields.values()].filter(({ type }) => isMessage(type) && type.fields.has(name)).map((field) => field.name);
  if (inside.length > 0) {
    const given = inside.filter((one) => parent.fields.some((field) => field.name === one));
    return `It is a field of ${list((given.length > 0 ? given : inside).slice(0, 3), "or")}.`;
  }
  const outer = ["LayerParameter", "NetParameter"].find((message) => schema.name !== message && parent.parent !== undefined && schemaOf("bvlc").messages.get(message)?.fields.has(name) === true);
  if (outer === undefined) return undefined;
  return `It is a field of ${outer === "LayerParameter" ? "the layer" : "the net"}: a '}' may be missing above.`;
}
