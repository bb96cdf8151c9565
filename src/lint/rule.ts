import type { Code, Diagnostic, Severity } from "../text/diagnostic.ts";
import type { ReceptiveField } from "../net/reach.ts";
import type { Net } from "../net/net.ts";
import type { NetShapes } from "../net/shapes.ts";

/** What a rule looks at. */
export interface LintContext {
  readonly net: Net;
  readonly shapes: NetShapes;
  /** By layer and top, see `receptiveFields`. */
  readonly fields: readonly (readonly (ReceptiveField | undefined)[])[];
  /** True where the net gives one answer for a whole patch, so that running it on every pixel is a question at all. */
  readonly isPatchClassifier: boolean;
}

/** A finding of a rule; code and severity are the rule's own. */
export type Finding = Omit<Diagnostic, "code" | "severity">;

/** One check. One rule is one file, named by its code, listed in `rules.ts`. */
export interface Rule {
  readonly code: Code;
  readonly severity: Severity;
  /** `pixelwise`: about running a patch classifier on every pixel of an image; can be switched off as a group. */
  readonly group: "pixelwise" | "net";
  /** Why the finding matters, in one or two sentences; the documentation shows it. */
  readonly doc: string;
  readonly check: (context: LintContext) => Iterable<Finding>;
}
