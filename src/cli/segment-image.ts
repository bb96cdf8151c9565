import { existsSync } from "node:fs";
import { basename } from "node:path";
import { Failure } from "../text/failure.ts";
import { limit } from "../text/limits.ts";
import { earlierRequest } from "../text/partial.ts";
import { count, counted } from "../text/words.ts";
import { denseForms, type DenseForm } from "../onnx/dense-form/dense-form.ts";
import type { Extent } from "../dense/geometry.ts";
import type { Method } from "../dense/plan.ts";
import { openMap, TILED_FROM, type MapOptions, type MapWriter } from "../image/map-writer.ts";
import { openPicture, type PictureSource } from "../image/picture-source.ts";
import { tissueMask } from "../image/tissue.ts";
import type { Provider } from "../inference/messages.ts";
import { chooseLayout, type Layout, type SegmentRequest } from "../inference/segment.ts";
import { streamMap, type StreamReport } from "../inference/stream-map.ts";
import { warn } from "./print.ts";
import { progressLine } from "./progress.ts";
import { fileDigest, pictureDigest } from "./request-facts.ts";
import { differenceAt, randomPlaces, type Verification } from "./verify.ts";

/** Everything about a run but the image. */
export interface Setting extends Omit<SegmentRequest, "image" | "file" | "onProgress"> {
  readonly method: Method;
  readonly sampleFormat: MapOptions["sampleFormat"];
  readonly tissue: boolean;
  readonly force: boolean;
  /** Pixels to compare with the patch classifier. */
  readonly verify: number;
  readonly weights: string;
  /** What else the map depends on, by name: the net's text, its options. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What was done for an image. */
export interface Result {
  readonly image: string;
  readonly out: string;
  readonly width: number;
  readonly height: number;
  readonly method: Method;
  readonly class: number;
  readonly provider: Provider;
  readonly seconds: number;
  readonly tiles: Omit<StreamReport, "seconds">;
  /** Share of the time in which the net itself ran. */
  readonly inference: number;
  readonly verify?: Verification;
}

/** Where a map goes; `chosen` where the user did not name the file. */
export interface Target {
  readonly path: string;
  readonly chosen: boolean;
}

/** Segments one image into its map's file. */
export async function segmentImage(file: string, target: Target, setting: Setting): Promise<Result> {
  const start = performance.now();
  const picture = await openPicture(file);
  try {
    return await segmentPicture(picture, file, targetFor(target, picture, setting.force), setting, start);
  } finally {
    await picture.close();
  }
}

/** A map too large for a PNG is a TIFF, unless the user has named it. */
function targetFor({ path, chosen }: Target, { width, height }: Extent, force: boolean): string {
  if (!chosen || width * height <= limit("pngPixels")) return path;
  const tiff = path.replace(/\.png$/, ".tif");
  if (force || !existsSync(tiff)) return tiff;
  throw new Failure("cannot-write", "exists already", { file: tiff, advice: "Name the map with --out, or overwrite it with --force." });
}

/** `start`: when the image began to be opened, which counts. */
async function segmentPicture(picture: PictureSource, file: string, out: string, setting: Setting, start: number): Promise<Result> {
  const { method, verify } = setting;
  const progress = progressLine(`${basename(file)}, ${method}`);
  let pixels = 0;
  const request: SegmentRequest = {
    ...setting,
    image: picture,
    file,
    onProgress: (done, total) => {
      progress.update(done, total, pixels === 0 ? undefined : `${count(pixels / ((performance.now() - start) / 1000))} pixels/s`);
    },
  };
  const { writer, layout } = await openWriter(picture, file, out, request, setting);
  const tissue = setting.tissue ? await orDiscard(writer, tissueMask(picture)) : undefined;
  const places = randomPlaces(picture, verify);
  const values = new Map<number, number>();
  const { seconds, ...tiles } = await streamMap(request, method, layout, writer, {
    ...(tissue && { isBackground: (tile) => !tissue.has(tile) }),
    onTile: ({ top, left, height, width }, computed) => {
      pixels += height * width;
      for (const [i, { row, column }] of places.entries()) {
        if (row < top || column < left || row >= top + height || column >= left + width) continue;
        values.set(i, computed[(row - top) * width + column - left]!);
      }
    },
  }).finally(() => {
    progress.finish();
  });
  const total = (performance.now() - start) / 1000;
  const compared = places.filter((_, i) => values.has(i));
  return {
    image: file,
    out,
    width: picture.width,
    height: picture.height,
    method,
    class: setting.classIndex,
    provider: setting.provider,
    seconds: total,
    tiles,
    inference: seconds / total,
    ...(verify > 0 && { verify: await differenceAt(request, compared, [...values].sort(([a], [b]) => a - b).map(([, value]) => value)) }),
  };
}

/** The map's file, begun or resumed, and the layout of the net; a resumed one goes on with the layout it was begun with. */
async function openWriter(
  picture: PictureSource, file: string, out: string, request: SegmentRequest, setting: Setting,
): Promise<{ writer: MapWriter; layout: Layout }> {
  const { width, height, resolution } = picture;
  const { method, sampleFormat, force: replace } = setting;
  const options = { width, height, sampleFormat, replace, ...(resolution !== undefined && { resolution }) };
  if (!/\.tiff?$/i.test(out) || width * height <= TILED_FROM) {
    // Refused before anything is measured where it cannot be written.
    const writer = await openMap(out, { ...options, request: {} });
    return { writer, layout: await orDiscard(writer, chooseLayout(request, method)) };
  }
  const layout = layoutIn(await earlierRequest(out), request) ?? (await chooseLayout(request, method));
  const writer = await openMap(out, { ...options, request: { ...(await factsOf(file, setting)), ...layoutFacts(layout) } });
  if (writer.kept > 0) {
    warn(`${out}.partial: ${counted(writer.kept, "tile")} of ${count(writer.tiles)} ${writer.kept === 1 ? "is" : "are"} there from an earlier run, verified; going on from there.`);
  }
  return { writer, layout };
}

/** What a promise gives; the map is given up where it fails. */
async function orDiscard<T>(writer: MapWriter, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    await writer.discard();
    throw cause;
  }
}

async function factsOf(file: string, setting: Setting): Promise<Record<string, string>> {
  const { preprocessing, method, classIndex, provider, tissue, weights, facts } = setting;
  return {
    image: await pictureDigest(file),
    weights: await fileDigest(weights),
    preprocessing: JSON.stringify(preprocessing),
    method,
    class: String(classIndex),
    provider,
    tissue: String(tissue),
    ...facts,
  };
}

function layoutFacts({ form, tile }: Layout): Record<string, string> {
  return { tile: `${tile.height}x${tile.width}`, "dense form": form ?? "none" };
}

/** The layout of an earlier run, unless the user asks for another. */
function layoutIn(facts: Readonly<Record<string, string>> | undefined, { tile, denseForm }: SegmentRequest): Layout | undefined {
  const [height = NaN, width = NaN] = facts?.["tile"]?.split("x").map(Number) ?? [];
  const form = facts?.["dense form"];
  if (!Number.isInteger(height) || !Number.isInteger(width)) return undefined;
  if (form !== "none" && !denseForms.some((known) => known === form)) return undefined;
  if ((tile !== undefined && (tile.height !== height || tile.width !== width)) || (denseForm !== undefined && denseForm !== form)) return undefined;
  return { tile: { height, width }, ...(form !== "none" && { form: form as DenseForm }) };
}
