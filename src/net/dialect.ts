import type { Diagnostic } from "../text/diagnostic.ts";
import type { Range } from "../text/edit.ts";
import type { Message } from "../prototxt/message.ts";
import { comments, messagesOf, type MessageNode, type Tree, type ValueNode, valuesOf } from "../prototxt/tree.ts";
import { readMessage } from "../prototxt/read.ts";
import { unquote } from "../prototxt/scalar.ts";
import { layerType, layerTypeHomes } from "../layers/registry.ts";
import { list } from "../text/words.ts";
import { factsOf } from "./layer-facts.ts";
import { dialectNames, isMessage, schemaOf, type DialectName, type MessageSchema } from "../schema/schema.ts";

/** The Caffe a text is read for, and why. */
export interface DialectChoice {
  readonly name: DialectName;
  readonly reason: "comment" | "setting" | "detected" | "default";
  /** The reason in words: `it uses 'upsample_param', which SegNet has and BVLC Caffe has not`. */
  readonly because: string;
  /** For a detected dialect, the first of the names that speak for it. */
  readonly at?: Range;
}

/** A text read with the schema of a dialect, and what the schema has against it. */
export interface Reading {
  readonly root: Message;
  readonly findings: readonly Diagnostic[];
}

export function readWith(tree: Tree, kind: "net" | "solver", dialect: DialectName): Reading {
  const findings: Diagnostic[] = [];
  const root = readMessage(tree.root, schemaOf(dialect).messages.get(kind === "solver" ? "SolverParameter" : "NetParameter")!, (found) => findings.push(found));
  return { root, findings };
}

/**
 * The dialect of a text: a `# proto-dialect: NAME` comment wins, then the caller's setting; otherwise the dialect that understands most
 * of it, where that is more than BVLC Caffe does.
 */
export function chooseDialect(tree: Tree, kind: "net" | "solver", asBvlc: () => Reading, setting?: DialectName): DialectChoice {
  const commented = dialectComment(tree);
  if (commented !== undefined) return { name: commented, reason: "comment", because: "the comment 'proto-dialect' says so" };
  if (setting !== undefined) return { name: setting, reason: "setting", because: "the setting says so" };
  const foreign = unknownIn(asBvlc(), "bvlc") === 0 ? [] : foreignNames(tree, kind);
  if (foreign.length > 0) {
    // Only dialects that know one of the names are asked; what else they do not know counts against them.
    const candidates = dialectNames.filter((name) => foreign.some((use) => use.knownTo(name)));
    const unknown = new Map([...candidates, "bvlc" as const].map((name) => [name, unknownIn(readWith(tree, kind, name), name)]));
    const best = candidates.reduce<DialectName>((a, b) => (unknown.get(b)! < unknown.get(a)! ? b : a), "bvlc");
    if (best !== "bvlc") {
      const known = foreign.filter((use) => use.knownTo(best));
      const names = [...new Set(known.map((use) => use.name))].slice(0, 3);
      return {
        name: best,
        reason: "detected",
        because: `it uses ${list(names)}, which ${schemaOf(best).title} knows and BVLC Caffe does not`,
        ...(known[0] && { at: known[0].at }),
      };
    }
  }
  return { name: "bvlc", reason: "default", because: "nothing in it is another Caffe's" };
}

function dialectComment(tree: Tree): DialectName | undefined {
  if (!tree.text.includes("proto-dialect")) return undefined;
  for (const { text } of comments(tree)) {
    const name = /^\s*proto-dialect:\s*([\w.-]+)/.exec(text)?.[1]?.toLowerCase();
    const known = dialectNames.find((dialect) => dialect === name);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** How much of a text a dialect does not understand: findings of the schema, and layer types. */
function unknownIn({ root, findings }: Reading, dialect: DialectName): number {
  let unknown = findings.length;
  for (const layer of root.messages("layer")) if (layerType(factsOf(layer).type, dialect) === undefined) unknown++;
  return unknown;
}

interface ForeignUse {
  readonly name: string;
  readonly at: Range;
  readonly knownTo: (dialect: DialectName) => boolean;
}

/**
 * Messages with nothing foreign in them, and what they are messages of: those at the top of a text, which are taken over from version to version of
 * the text, and models of many.
 */
const plain = new WeakMap<MessageNode, MessageSchema>();

/** The field names and layer types that BVLC Caffe does not know, outermost only. */
function foreignNames(tree: Tree, kind: "net" | "solver"): ForeignUse[] {
  const uses: ForeignUse[] = [];
  const bvlc = schemaOf("bvlc");
  const visit = (node: MessageNode, schema: MessageSchema): void => {
    for (const field of node.fields) {
      const known = schema.fields.get(field.name);
      if (known === undefined) {
        uses.push({
          name: field.name,
          at: field.nameRange,
          knownTo: (dialect) => schemaOf(dialect).messages.get(schema.name)?.fields.has(field.name) === true,
        });
        continue;
      }
      const { type } = known;
      if (isMessage(type)) {
        for (const inner of messagesOf(field)) {
          // Of a message with strings of its own, the model does not say all.
          const kept = inner.strings.length === 0 && inner.model !== undefined ? inner.model : node === tree.root ? inner : undefined;
          if (kept !== undefined && plain.get(kept) === type) continue;
          const before = uses.length;
          visit(inner, type);
          if (kept !== undefined && uses.length === before) plain.set(kept, type);
        }
      }
      else if (schema.name === "LayerParameter" && field.name === "type") layerTypeUses(valuesOf(field), uses);
      else if (typeof type !== "string") {
        for (const value of valuesOf(field)) {
          if (value.kind !== "scalar" || value.form !== "identifier" || type.values.has(value.raw)) continue;
          uses.push({
            name: value.raw,
            at: value,
            knownTo: (dialect) => schemaOf(dialect).enums.get(type.name)?.values.has(value.raw) === true,
          });
        }
      }
    }
  };
  visit(tree.root, bvlc.messages.get(kind === "solver" ? "SolverParameter" : "NetParameter")!);
  return uses;
}

function layerTypeUses(values: readonly ValueNode[], uses: ForeignUse[]): void {
  for (const value of values) {
    const name = value.kind === "scalar" ? unquote(value.raw) : "";
    if (layerType(name, "bvlc") !== undefined || layerTypeHomes(name).length === 0) continue;
    uses.push({ name, at: value, knownTo: (dialect) => layerType(name, dialect) !== undefined });
  }
}
