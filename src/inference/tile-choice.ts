import { outputsOf, type Extent, type Geometry } from "../dense/geometry.ts";
import type { Method } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import { channelCount } from "../dense/preprocess.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { recall, remember } from "../text/cache.ts";
import type { Inference } from "./client.ts";
import { loadModel } from "./load-model.ts";
import { measurementKey } from "./measurement-key.ts";
import type { Provider } from "./messages.ts";

/** A net whose tiles are to be sized. */
export interface TileQuestion {
  readonly inference: Inference;
  readonly provider: Provider;
  readonly method: Exclude<Method, "naive">;
  readonly geometry: Geometry;
  readonly preprocessing: Preprocessing;
  readonly classIndex: number;
  /** The net laid out for an input. */
  readonly model: (input: Extent) => OnnxModel;
  readonly image: Extent;
}

/** How much larger than the patch a net's input is where nothing was measured. */
const USUAL = 448;

/** What is tried: pixels beside the patch. Larger ones save the edges that neighbours share, smaller ones stay in the processor's caches. */
const SIDES = [128, 256, 384, 512, 768, 1024];

/** Images of fewer pixels are done sooner than measuring pays. */
const WORTHWHILE = 2 ** 23;

/** A run that would take longer is not tried, in seconds. */
const PATIENCE = 4;

/** Of sizes this near to the fastest the smallest is taken: it needs the least memory. */
const AS_GOOD = 0.97;

/** The largest input that tiles should have: what was measured fastest on this machine for this net, provider and method, now or before. */
export async function chooseTile(question: TileQuestion): Promise<Extent> {
  const { image, geometry, provider, method, model } = question;
  const key = measurementKey(provider, method, model(geometry.patch));
  const known = await recall(CACHE, key);
  if (isKnown(known)) return besides(question, known.side);
  if (image.height * image.width < WORTHWHILE) return besides(question, USUAL);
  const rates = await measureSides(question);
  const best = Math.max(...rates.values());
  const [side = USUAL] = [...rates].find(([, rate]) => rate >= AS_GOOD * best) ?? [];
  await remember(CACHE, key, { side, pixelsPerSecond: Object.fromEntries([...rates].map(([tried, rate]) => [tried, Math.round(rate)])) });
  return besides(question, side);
}

const CACHE = "tiles.json";

function isKnown(entry: unknown): entry is { readonly side: number } {
  return typeof entry === "object" && entry !== null && "side" in entry && SIDES.includes(entry.side as number);
}

/** The input for so many pixels of a map: beside the patch, what is needed to interpolate between samples. */
function besides({ geometry: { patch, stride }, method }: TileQuestion, side: number): Extent {
  const samples = method === "simple" ? 3 : 0;
  return { height: patch.height + side + samples * stride.height, width: patch.width + side + samples * stride.width };
}

/** Pixels of the map a second, by side; the best of two runs after a first that sets the buffers up. */
async function measureSides(question: TileQuestion): Promise<Map<number, number>> {
  const { inference, provider, preprocessing, classIndex, model } = question;
  const rates = new Map<number, number>();
  let previous: { side: number; seconds: number } | undefined;
  for (const side of SIDES) {
    if (previous !== undefined && previous.seconds * (side / previous.side) ** 2 > PATIENCE) break;
    const input = besides(question, side);
    const session = await loadModel(inference, model(input), { provider });
    const channels = channelCount(preprocessing) === 1 ? 1 : 3;
    const pixels = new Uint8Array(input.height * input.width * channels);
    let seconds = Infinity;
    for (let run = 0; run < 3; run++) {
      const answer = await inference.classify(session, { pixels, channels, count: 1, ...input, batch: 1, preprocessing, classIndex });
      if (run > 0) seconds = Math.min(seconds, answer.seconds);
    }
    await inference.dispose(session);
    rates.set(side, pixelsOf(question, input) / seconds);
    previous = { side, seconds };
  }
  return rates;
}

/** Pixels of the map that a run gives: outputs, or what lies between samples. */
function pixelsOf({ method, geometry }: TileQuestion, input: Extent): number {
  const { height, width } = outputsOf(input, geometry);
  const { stride } = geometry;
  return method === "simple" ? Math.max(1, height - 3) * stride.height * Math.max(1, width - 3) * stride.width : height * width;
}
