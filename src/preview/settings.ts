import { count, counted } from "../text/words.ts";
import { channelCount } from "../dense/preprocess.ts";
import { providerChoices } from "../inference/providers.ts";
import type { ClassifierShape } from "../inference/classifier.ts";
import type { ChannelOrder, Settings } from "./messages.ts";

/** What is set before anything is known of the net. */
export const initialSettings: Settings = {
  channels: "bgr",
  mean: [0],
  scale: 1,
  resize: 1,
  classIndex: -1,
  output: "",
  provider: "auto",
  displacement: 1,
  dropoutRuns: 0,
  dropoutSeed: 1,
  refreshOnSave: false,
};

const orders: readonly ChannelOrder[] = ["bgr", "rgb", "gray"];

/** The largest factor of the image's rows and columns, and the most runs with dropout. */
const MOST_RESIZE = 8;
const MOST_RUNS = 1000;

/**
 * Why settings cannot be taken over, in words for the user; undefined where they can. Checks each value by itself: it comes from a webview or from
 * what was remembered, and may be anything.
 */
export function refuse(given: Readonly<Record<string, unknown>>): string | undefined {
  const isWhole = (value: unknown, least: number, most: number): boolean => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const rules: Readonly<Record<keyof Settings, (value: unknown) => boolean>> = {
    weights: isPath,
    image: isPath,
    labels: isPath,
    meanFile: isPath,
    channels: (value) => orders.includes(value as ChannelOrder),
    mean: (value) => Array.isArray(value) && value.length > 0 && value.length <= 4 && value.every((number) => Number.isFinite(number)),
    scale: (value) => Number.isFinite(value) && value !== 0,
    resize: (value) => Number.isFinite(value) && (value as number) > 0 && (value as number) <= MOST_RESIZE,
    classIndex: (value) => isWhole(value, 0, 1e6),
    output: (value) => typeof value === "string",
    provider: (value) => (providerChoices as readonly unknown[]).includes(value),
    displacement: (value) => isWhole(value, 1, 1024),
    dropoutRuns: (value) => isWhole(value, 0, MOST_RUNS) && value !== 1,
    // What layers draw by is made of it, and must stay exact in single precision.
    dropoutSeed: (value) => isWhole(value, 0, 10_000),
    refreshOnSave: (value) => typeof value === "boolean",
  };
  for (const [name, value] of Object.entries(given)) {
    const rule = rules[name as keyof Settings] as ((value: unknown) => boolean) | undefined;
    if (rule === undefined) return `there is no setting '${name}'`;
    if (!rule(value)) return messages[name as keyof Settings] ?? `'${String(value)}' is no value for ${name}`;
  }
  return undefined;
}

const messages: Partial<Record<keyof Settings, string>> = {
  mean: "The mean is one number, or one per channel, on the scale 0 to 255.",
  scale: "The scale is a number other than 0.",
  resize: `The resize factor lies above 0 and up to ${MOST_RESIZE}.`,
  dropoutRuns: `Dropout takes from 2 to ${count(MOST_RUNS)} runs, or 0 for none.`,
};

/** The settings fitted to the net: what cannot hold for it (a class it lacks, three channels of a grey net) becomes the nearest that can. */
export function fitSettings(settings: Settings, net: ClassifierShape & { readonly displacements: readonly number[] }): Settings {
  const { channels: planes, classes, outputs, displacements } = net;
  const channels = channelCount(settings) === planes ? settings.channels : planes === 1 ? "gray" : "bgr";
  const mean = settings.mean.length === 1 || settings.mean.length === planes ? settings.mean : [0];
  return {
    ...settings,
    channels,
    mean,
    output: outputs.includes(settings.output) ? settings.output : outputs[0]!,
    // Class 0 is the background by custom.
    classIndex: settings.classIndex >= 0 && settings.classIndex < classes ? settings.classIndex : Math.min(1, classes - 1),
    displacement: displacements.includes(settings.displacement) ? settings.displacement : 1,
  };
}

/** Why a net of so many channels cannot look at images; undefined where it can. */
export function refuseChannels(channels: number): string | undefined {
  return channels === 1 || channels === 3 ? undefined : `The net takes ${counted(channels, "channel")}; pictures have one (grey) or three.`;
}

function isPath(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && value !== "");
}
