import type { Extent } from "../dense/geometry.ts";
import { inputFor } from "../dense/geometry.ts";
import type { DenseForm } from "../onnx/dense-form/dense-form.ts";
import { recall, remember } from "../text/cache.ts";
import { Failure } from "../text/failure.ts";
import type { Classifier } from "./classifier.ts";
import type { Inference } from "./client.ts";
import { loadModel } from "./load-model.ts";
import { measurementKey } from "./measurement-key.ts";
import type { Provider } from "./messages.ts";

/** Outputs of the runs that are timed: those of a small tile, because small inputs favour forms that have no rows or columns to spare. */
const trial: Extent = { height: 192, width: 192 };

/** Maps of fewer outputs are computed sooner than forms are compared. */
const worthwhile = 2 ** 23;

/** What was measured before, on this machine. */
const CACHE = "forms.json";

/**
 * The form of a net that is fastest on a provider: measured once by running all on a small input, and remembered.
 * For maps too small to be worth it, what is known already, or the form that is usually fastest.
 */
export async function fasterForm(inference: Inference, provider: Provider, classifier: Classifier, map: Extent): Promise<DenseForm> {
  const { stride, patch } = classifier.geometry;
  const forms = usualOrder.get(provider)?.filter((form) => classifier.denseForms.includes(form)) ?? classifier.denseForms;
  const [first, ...others] = forms;
  if (first === undefined) throw new Failure("bad-net", `the net has no dense form: ${classifier.denseRefusal ?? ""}`);
  if (others.length === 0 || (stride.height === 1 && stride.width === 1 && !forms.includes("winograd"))) return first;
  const key = measurementKey(provider, `form: ${forms.join(", ")}`, classifier.fullyConvolutional(patch));
  const known = await recall(CACHE, key);
  const remembered = forms.find((form) => form === known);
  if (remembered !== undefined) return remembered;
  if (map.height * map.width < worthwhile) return first;
  const seconds = await timeForms(inference, provider, classifier, map);
  const best = Math.min(...Object.values(seconds));
  const chosen = forms.find((form) => seconds[form] <= AS_GOOD * best) ?? first;
  await remember(CACHE, key, chosen);
  return chosen;
}

/** Forms in the order in which they are usually fast, where it is not that of the list. */
const usualOrder: ReadonlyMap<Provider, readonly DenseForm[]> = new Map([["cpu", ["winograd", "dilated", "fragments"]]]);

/** Of forms that are this near to the fastest, the one that is usually fastest is taken: a few short runs do not tell them apart. */
const AS_GOOD = 1.05;

/** Most runs of each form that are timed, in turns; the fastest counts, because what else the machine does only makes them slower. */
const RUNS = 5;

/** The part of the time of a whole map that may be spent on finding the faster way to it. */
const AFFORDABLE = 0.15;

/** Seconds of one run of each form on a small input; infinite for a form that the net does not have. */
async function timeForms(inference: Inference, provider: Provider, classifier: Classifier, map: Extent): Promise<Record<DenseForm, number>> {
  const seconds: Record<DenseForm, number> = { dilated: Infinity, fragments: Infinity, winograd: Infinity };
  const { patch } = classifier.geometry;
  const input = inputFor(trial, { patch, stride: { height: 1, width: 1 } });
  const shape = [1, classifier.channels, input.height, input.width];
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const sessions = [];
  for (const form of classifier.denseForms) sessions.push({ form, session: await loadModel(inference, classifier.dense(input, form), { provider }) });
  const affordable = (): number => (AFFORDABLE * Math.min(...Object.values(seconds)) * map.height * map.width) / (trial.height * trial.width);
  // The first run of each sets its buffers up: it counts only where no other can be afforded.
  for (let [run, spent] = [0, 0]; run <= RUNS && spent <= affordable(); run++) {
    for (const { form, session } of sessions) {
      const answer = await inference.run(session, { [session.inputs[0]!.name]: { type: "float32", shape, data } });
      seconds[form] = Math.min(seconds[form], answer.seconds);
      spent += answer.seconds;
    }
  }
  for (const { session } of sessions) await inference.dispose(session);
  return seconds;
}
