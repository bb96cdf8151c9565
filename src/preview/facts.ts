import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Failure, sentence } from "../text/failure.ts";
import { isFile } from "../text/is-file.ts";
import type { NetShapes } from "../net/shapes.ts";
import { channelMeans, readBinaryProto } from "../weights/blob-file.ts";
import { findInputs, isOf, nameFrom, readLabels, type Inputs } from "./inputs.ts";
import type { FileChoice, NetInfo, Notice, Settings } from "./messages.ts";
import type { NetReading } from "./protocol.ts";
import { netInfo, openNet, readShapes, type OpenedNet } from "./open-net.ts";
import { fitSettings, initialSettings } from "./settings.ts";

/** What is known of a net and the files that go with it. */
export interface Facts {
  /** The net, the same object as long as text and output are the same: what was made from it holds as long. */
  readonly opened?: OpenedNet;
  /** What `opened` was made from. */
  readonly origin: string;
  readonly info?: NetInfo;
  readonly problem?: Notice;
  readonly weights: readonly FileChoice[];
  readonly images: readonly FileChoice[];
  readonly means: readonly FileChoice[];
  readonly settings: Settings;
  readonly notices: readonly Notice[];
}

/** What the facts are found from. */
export interface Question {
  /** The net's file, and its text as it stands in the editor. */
  readonly net: string;
  readonly text: string;
  readonly reading: NetReading;
  /** What is set so far; undefined the first time. */
  readonly settings: Settings | undefined;
  /** What was remembered from another session: it wins over what is found. */
  readonly remembered: Partial<Settings>;
  readonly before: Facts | undefined;
}

/** Everything that can be found out without running anything; what is missing is found beside the net, what does not fit it is fitted. */
export async function findFacts({ net, text, reading, settings, remembered, before }: Question): Promise<Facts> {
  const source = JSON.stringify([text, reading]);
  const shapes = before?.opened !== undefined && before.origin.startsWith(source) ? before.opened.shapes : readShapes(text, reading);
  const inputs = await findInputs(net, shapes, reading.weights, reading.folders);
  const wished: Settings = settings ?? { ...initialSettings, ...(await existing(remembered)) };
  const notices: Notice[] = [];
  if (inputs.outside !== undefined && settings === undefined && wished.weights === undefined)
    notices.push({ level: "information", text: `The net names ${inputs.outside}, outside the workspace.`, advice: "Choose it as the model if you want it read." });
  const chosen = { ...wished, ...(await chooseFiles(wished, inputs, shapes)) };
  const origin = `${source} ${chosen.output}`;
  let opened: OpenedNet;
  try {
    opened = before?.opened !== undefined && before.origin === origin ? before.opened : openNet(shapes, chosen.output);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...lists(net, inputs, chosen), origin, settings: chosen, problem: noticeOf(error), notices };
  }
  const isFirst = settings === undefined && remembered.mean === undefined;
  const mean = isFirst ? await meanBeside(inputs, opened.classifier.channels) : {};
  const fitted = fitSettings({ ...chosen, ...mean }, { ...opened.classifier, displacements: opened.displacements });
  const labels = fitted.labels ?? inputs.labels?.path;
  const info = netInfo(opened, await labelsOf(labels, notices), labels === undefined ? undefined : nameFrom(dirname(net), labels), basename(net));
  return { opened, origin: `${source} ${fitted.output}`, info, ...lists(net, inputs, fitted), settings: fitted, notices };
}

/** A failure as something to show. */
export function noticeOf(failure: Failure): Notice {
  const { file, place, message, advice } = failure;
  const text = [file === undefined ? undefined : basename(file), place, message].filter((part) => part !== undefined).join(": ");
  return { level: "error", text, ...(advice !== undefined && { advice }) };
}

/** The mean that a file holds, per channel. Throws a Failure where it is of another number of channels. */
export async function readMean(path: string, channels: number): Promise<Pick<Settings, "mean" | "meanFile">> {
  const mean = channelMeans(await readBinaryProto(path), path);
  if (mean.length !== channels) throw new Failure("bad-request", `has ${mean.length} channels, the net takes ${channels}`, { file: path });
  return { mean, meanFile: path };
}

/** A word that changes when a file's content does; empty for a file that is not there. */
export function stampOf(path: string | undefined): string {
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.mtimeMs} ${found.size}`;
}

async function meanBeside({ means }: Inputs, channels: number): Promise<Partial<Settings>> {
  for (const { path } of means) {
    try {
      return await readMean(path, channels);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return {};
}

/** Remembered settings without files that are gone. */
async function existing(remembered: Partial<Settings>): Promise<Partial<Settings>> {
  const kept: Record<string, unknown> = { ...remembered };
  for (const name of ["weights", "image", "labels", "meanFile"] as const) {
    const path = remembered[name];
    if (path !== undefined && !(await isFile(path))) delete kept[name]; // eslint-disable-line @typescript-eslint/no-dynamic-delete
  }
  return kept;
}

async function chooseFiles(settings: Settings, { weights, images }: Inputs, shapes: NetShapes): Promise<Partial<Settings>> {
  const [model] = weights;
  const [image] = images;
  // A model found beside the net is taken only where it is of the net: another's would be refused later, with less to go by.
  const fitting = settings.weights === undefined && model !== undefined && (await isOf(model.path, shapes)) ? { weights: model.path } : {};
  return { ...fitting, ...(settings.image === undefined && image !== undefined && { image: image.path }) };
}

/** The lists to choose from, what is chosen from elsewhere included. */
function lists(net: string, inputs: Inputs, settings: Settings): Pick<Facts, "weights" | "images" | "means"> {
  const withChosen = (found: readonly FileChoice[], path: string | undefined): readonly FileChoice[] =>
    path === undefined || found.some((choice) => choice.path === path) ? found : [{ path, name: nameFrom(dirname(net), path) }, ...found];
  return {
    weights: withChosen(inputs.weights, settings.weights),
    images: withChosen(inputs.images, settings.image),
    means: withChosen(inputs.means, settings.meanFile),
  };
}

async function labelsOf(path: string | undefined, notices: Notice[]): Promise<string[] | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readLabels(path);
  } catch (error) {
    notices.push({ level: "warning", text: `The labels cannot be read: ${error instanceof Failure ? sentence(error) : String(error)}` });
    return undefined;
  }
}
