import type { OnnxModel } from "../model.ts";
import { dropIdentity } from "./drop-identity.ts";
import { foldIntoNext } from "./fold-into-next.ts";
import { foldIntoPrevious } from "./fold-into-previous.ts";
import type { Pass } from "./pass.ts";
import { softmaxOfTwo } from "./softmax-of-two.ts";

/** Every pass, in the order in which they run. */
export const passes: readonly Pass[] = [dropIdentity, foldIntoPrevious, foldIntoNext, softmaxOfTwo];

/** The model after all passes but those named. */
export function optimised(model: OnnxModel, without: readonly string[] = []): OnnxModel {
  const graph = passes.filter(({ name }) => !without.includes(name)).reduce((before, pass) => pass.run(before), model.graph);
  return { ...model, graph };
}
