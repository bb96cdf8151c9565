import type { Range, TextEdit } from "./edit.ts";

export type Severity = "error" | "warning" | "information" | "hint";

/** A change that would answer a diagnostic. */
export interface Fix {
  /** What it does, in the imperative: `Set pad to 0`. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** True where it is what nearly everyone would do; at most one per diagnostic. */
  readonly preferred?: boolean;
}

/** Every code that a finding can have, by what looks for it. docs/rules.md has a section for each. */
export const codes = [
  // syntax and schema
  "syntax", "syntax-bom", "too-many-layers", "unknown-field", "wrong-type", "unknown-enum-value", "repeated-field", "missing-field", "dialect", "legacy-format", "mixed-formats", "padding-layer",
  // wiring
  "unknown-bottom", "duplicate-top", "in-place-shared", "in-place", "unused-top", "bottom-count", "top-count", "duplicate-layer-name", "include-and-exclude",
  // layers
  "unknown-layer-type", "layer-refused", "fails-at-run", "param-count", "shared-param", "loss-weight-count", "propagate-down-count",
  // pixel-wise output
  "padding", "clipped-pooling", "border-sensitive", "global-layer", "inner-product", "fixed-size", "not-convertible",
  // weights
  "weights-mismatch", "weights-need-surgery", "weights-missing", "weights-unused", "weights-unreadable", "weights-outside",
  // solvers
  "solver-net", "solver-path", "solver-policy", "solver-type", "solver-field", "solver-tests",
] as const;
export type Code = (typeof codes)[number];

/** A finding about a prototxt text: what it is, where, and what to do. */
export interface Diagnostic extends Range {
  /** Stable name of the rule, in kebab case: `unknown-bottom`. */
  readonly code: Code;
  readonly severity: Severity;
  /** One to three sentences: the thing, what happens, what to do. */
  readonly message: string;
  /** Caffe's own words, where Caffe refuses the same. */
  readonly caffe?: string;
  /** The layer concerned, by name. */
  readonly layer?: string;
  readonly related?: readonly (Range & { readonly message: string })[];
  readonly tags?: readonly ("unnecessary" | "deprecated")[];
  readonly fixes?: readonly Fix[];
}
