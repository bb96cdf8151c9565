import { checkImageSize } from "../dense/geometry.ts";
import { abortable } from "../inference/abort.ts";
import type { Provider } from "../inference/messages.ts";
import { Failure, sentence } from "../text/failure.ts";
import { counted } from "../text/words.ts";
import { newMap, rangeOf, type StoredMap } from "./maps.ts";
import type { ExportRequest } from "./messages.ts";
import { computeExact, computeSimple } from "./passes.ts";
import { loadPicture } from "./picture.ts";
import { benchFor, classifierOf, fallBack, type RunContext } from "./run.ts";
import { writeMap } from "./write-map.ts";

/** An image, and the file that its map is written to. */
export interface ExportFile {
  readonly image: string;
  readonly name: string;
  readonly path: string;
}

/**
 * Computes the map of each image and writes it, one after the other; nothing of it is shown. An image that cannot be read or computed is reported and
 * left out; where a provider fails, the CPU stands in for it from there on. Where the signal fires, the maps written so far stay. Values that are no probabilities are scaled by the range of their own map.
 */
export async function exportAll(context: RunContext, files: readonly ExportFile[], request: ExportRequest, label: string): Promise<void> {
  const { post, signal, settings, providers } = context;
  let written = 0;
  const failed: string[] = [];
  try {
    let settled = await abortable(providers.settle(settings.provider), signal);
    for (const [done, { image, name, path }] of files.entries()) {
      const tell = (part: number): void => { post({ type: "batch", done, count: files.length, name, part }); };
      tell(0);
      try {
        const ofImage = { ...context, picture: await loadPicture(image, settings.resize, name) };
        try {
          await write(ofImage, settled.name, path, request, label, tell);
        } catch (error) {
          settled = fallBack(context, settled, error);
          context.provider(settled);
          await write(ofImage, settled.name, path, request, label, tell);
        }
        written++;
      } catch (error) {
        if (signal.aborted || !(error instanceof Failure) || error.kind === "inference") throw error;
        failed.push(sentence(error));
      }
    }
  } finally {
    const text = `${counted(written, "map")} of ${counted(files.length, "image")} written.`;
    post({ type: "notice", notice: { level: failed.length > 0 ? "warning" : "information", text: [text, ...failed].join(" ") } });
  }
}

async function write(context: RunContext, provider: Provider, path: string, request: ExportRequest, label: string, tell: (part: number) => void): Promise<void> {
  const { picture, settings, opened } = context;
  checkImageSize(picture.image, opened.classifier.geometry, picture.info.name);
  const map = await compute(context, provider, request.kind === "simple" ? "simple" : "exact", tell);
  const values = map.planes.get(settings.classIndex)!;
  await writeMap(path, request, {
    values,
    width: map.width,
    height: map.height,
    range: opened.classifier.isProbability ? [0, 1] : rangeOf(values),
    label,
    resize: settings.resize,
    ...(picture.info.micrometres !== undefined && { micrometres: picture.info.micrometres }),
  });
}

async function compute(context: RunContext, provider: Provider, kind: "simple" | "exact", tell: (part: number) => void): Promise<StoredMap> {
  const { picture: { image }, settings, run } = context;
  const bench = benchFor(context, await classifierOf(context, undefined), provider, "");
  const map = newMap(kind, run, image, [settings.classIndex]);
  let pixels = 0;
  const take: Parameters<typeof computeSimple>[2] = (part, values) => {
    map.put(part, values);
    pixels += part.height * part.width;
    tell(pixels / (image.height * image.width));
  };
  if (kind === "simple") await computeSimple(bench, () => undefined, take);
  else await computeExact(bench, settings.displacement, () => undefined, take);
  return map;
}
