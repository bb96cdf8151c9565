import type { Diagnostic } from "../text/diagnostic.ts";
import type { Message } from "../prototxt/message.ts";
import { parse } from "../prototxt/parser.ts";
import type { FieldNode, Tree } from "../prototxt/tree.ts";
import { schemaOf, type DialectName, type Schema } from "../schema/schema.ts";
import { chooseDialect, readWith, type DialectChoice } from "./dialect.ts";
import { once } from "../text/once.ts";

/** A prototxt read with its schema: the step between text and net. */
export interface Document {
  readonly tree: Tree;
  /** What the text describes, by the fields it uses. */
  readonly kind: "net" | "solver";
  readonly dialect: DialectChoice;
  readonly schema: Schema;
  /** The whole text as a `NetParameter` or `SolverParameter`. */
  readonly root: Message;
  /** Syntax and schema: what Caffe's parser would refuse. In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the caller knows about a text beside the text. */
export interface ReadOptions {
  /** The dialect to read with; absent: the `# proto-dialect:` comment, else by what the text uses. */
  readonly dialect?: DialectName;
  /** Absent: by the fields used. */
  readonly kind?: "net" | "solver";
  /** An earlier version of the text, which makes reading faster and is used up by it (see `parse`). */
  readonly before?: Tree | undefined;
}

/** The document of a text. Never fails: what is wrong is in `diagnostics`. */
export function readDocument(text: string, options: ReadOptions = {}): Document {
  return readTree(parse(text, options.before), options);
}

/** Like {@link readDocument}, for a text that is already parsed. */
export function readTree(tree: Tree, options: ReadOptions = {}): Document {
  const kind = options.kind ?? kindOf(tree.root.fields);
  const asBvlc = once(() => readWith(tree, kind, "bvlc"));
  const dialect = chooseDialect(tree, kind, asBvlc, options.dialect);
  const { root, findings } = dialect.name === "bvlc" ? asBvlc() : readWith(tree, kind, dialect.name);
  const diagnostics = [...tree.errors, ...findings].sort((a, b) => a.start - b.start);
  return { tree, kind, dialect, schema: schemaOf(dialect.name), root, diagnostics };
}

const solverFields = new Set([
  "net",
  "train_net",
  "test_net",
  "base_lr",
  "lr_policy",
  "max_iter",
  "solver_mode",
  "snapshot_prefix",
  "test_iter",
  "solver_type",
]);
const netFields = new Set(["layer", "layers", "input", "input_dim", "input_shape"]);

function kindOf(fields: readonly FieldNode[]): "net" | "solver" {
  return !fields.some((field) => netFields.has(field.name)) && fields.some((field) => solverFields.has(field.name)) ? "solver" : "net";
}
