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

/** A finding about a prototxt text: what it is, where, and what to do. */
export interface Diagnostic extends Range {
  /** Stable name of the rule, in kebab case: `unknown-bottom`. */
  readonly code: string;
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
