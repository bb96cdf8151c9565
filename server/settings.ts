import type { Severity } from "../src/text/diagnostic.ts";
import { readLimits, type Limits } from "../src/text/limits.ts";
import { dialectNames } from "../src/schema/schema.ts";
import type { CustomLayers } from "../src/net/shapes.ts";
import type { AnalysisOptions } from "../src/ide/analysis.ts";

/** The settings under `netsurgeon` that concern the server. */
export interface Settings {
  readonly analysis: AnalysisOptions;
  /** The model of the net, relative to its folder; "" where none is named. */
  readonly weights: string;
  readonly checkWeights: boolean;
  readonly inlayShapes: "changes" | "all" | "off";
  readonly codeLens: boolean;
  readonly limits: Limits;
}

const severities: readonly string[] = ["error", "warning", "information", "hint", "off"];

/** Settings from what an editor sends, which may be anything: what makes no sense counts as not given. */
export function readSettings(given: unknown): Settings {
  const all = record(given);
  const rules = Object.entries(record(all["rules"])).filter((entry): entry is [string, Severity | "off"] => severities.includes(String(entry[1])));
  const pixelwise = choice(all["pixelwise"], ["auto", "on", "off"] as const, "auto");
  return {
    analysis: {
      dialect: dialectNames.find((name) => name === all["dialect"]),
      phase: all["phase"] === "train" ? "TRAIN" : "TEST",
      pixelwise,
      severities: Object.fromEntries(rules),
      custom: customLayers(all["customLayers"]),
    },
    weights: typeof all["weights"] === "string" ? all["weights"] : "",
    checkWeights: all["checkWeights"] !== false,
    inlayShapes: choice(record(all["inlayHints"])["shapes"], ["changes", "all", "off"] as const, "changes"),
    codeLens: all["codeLens"] !== false,
    limits: readLimits(all["limits"]),
  };
}

function customLayers(given: unknown): CustomLayers {
  const isShape = (shape: unknown): boolean => Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
  const rules = Object.entries(record(given)).filter(([, rule]) => {
    const { like, tops } = record(rule);
    return typeof like === "string" || (Array.isArray(tops) && tops.every(isShape));
  });
  return Object.fromEntries(rules) as CustomLayers;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function choice<T extends string>(value: unknown, choices: readonly T[], fallback: T): T {
  return choices.find((one) => one === value) ?? fallback;
}
