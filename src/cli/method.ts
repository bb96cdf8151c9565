import { Failure } from "../text/failure.ts";
import type { Method } from "../dense/plan.ts";
import type { Classifier } from "../inference/classifier.ts";

/** How maps are computed, and what to tell the user where that is not what was to be expected. */
export interface MethodChoice {
  readonly method: Method;
  readonly note?: string;
}

/** The method asked for, or the exact one: `dense` where the net has a dense form, else shift-and-stitch. A form that is lacking is a Failure. */
export function chooseMethod(asked: Method | undefined, { denseRefusal }: Pick<Classifier, "denseRefusal">): MethodChoice {
  if (denseRefusal === undefined) return { method: asked ?? "dense" };
  if (asked === undefined) return { method: "advanced", note: `no dense form: ${denseRefusal} Running shift-and-stitch (--method advanced).` };
  if (asked !== "dense") return { method: asked };
  throw new Failure("bad-net", `the net has no dense form: ${denseRefusal}`, {
    advice: "'--method naive' is exact; 'advanced' and 'simple' are approximate for such a net ('--verify 100' shows by how much).",
  });
}
