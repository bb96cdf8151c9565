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

/** Outputs of the runs that are timed: large enough to tell the forms apart, small beside an image. */
const trial: Extent = { height: 96, width: 96 };

/** Maps of fewer outputs are computed sooner than two forms are compared. */
const worthwhile = 1_000_000;

/** What was measured before, on this machine. */
const CACHE = "forms.json";

/**
 * The form of a net that is faster on a provider: measured once by running both on a small input, and remembered.
 * For maps too small to be worth it, what is known already, or the form that is usually faster.
 */
export async function fasterForm(inference: Inference, provider: Provider, classifier: Classifier, map: Extent): Promise<DenseForm> {
  const { stride, patch } = classifier.geometry;
  const [first, ...others] = classifier.denseForms;
  if (first === undefined) throw new Failure("bad-net", `the net has no dense form: ${classifier.denseRefusal ?? ""}`);
  if (others.length === 0 || (stride.height === 1 && stride.width === 1)) return first;
  const key = measurementKey(provider, "form", classifier.fullyConvolutional(patch));
  const known = await recall(CACHE, key);
  const remembered = classifier.denseForms.find((form) => form === known);
  if (remembered !== undefined) return remembered;
  if (map.height * map.width < worthwhile) return first;
  const seconds = await timeForms(inference, provider, classifier);
  const best = classifier.denseForms.reduce((a, b) => (seconds[b] < seconds[a] ? b : a));
  await remember(CACHE, key, best);
  return best;
}

/** Runs of each form that are timed, in turns; the fastest counts, because what else the machine does only makes them slower. */
const RUNS = 5;

/** Seconds of one run of each form on a small input; infinite for a form that the net does not have. */
export async function timeForms(inference: Inference, provider: Provider, classifier: Classifier): Promise<Record<DenseForm, number>> {
  const seconds: Record<DenseForm, number> = { dilated: Infinity, fragments: Infinity, winograd: Infinity };
  const { patch } = classifier.geometry;
  const input = inputFor(trial, { patch, stride: { height: 1, width: 1 } });
  const shape = [1, classifier.channels, input.height, input.width];
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const sessions = [];
  for (const form of classifier.denseForms) sessions.push({ form, session: await loadModel(inference, classifier.dense(input, form), { provider }) });
  // The first run of each sets its buffers up.
  for (let run = 0; run <= RUNS; run++) {
    for (const { form, session } of sessions) {
      const answer = await inference.run(session, { [session.inputs[0]!.name]: { type: "float32", shape, data } });
      if (run > 0) seconds[form] = Math.min(seconds[form], answer.seconds);
    }
  }
  for (const { session } of sessions) await inference.dispose(session);
  return seconds;
}
