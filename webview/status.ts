import { difference as inWords, left, percent, rate } from "./format.ts";
import type { MapKind, Summary } from "./messages.ts";
import type { Batch, MapState, Model, Verified } from "./model.ts";
import { titles } from "./panes.ts";
import { providerTitle } from "./ui/provider.ts";
import { bytes, count, counted, duration } from "../src/text/words.ts";

/** What the status line says: what is being done, else what was. */
export function statusText(model: Model): string {
  const { host } = model;
  if (host === undefined) return "";
  const work = runningMap(model);
  if (host.phase === "verifying") return "verifying: the patch classifier at random pixels …";
  if (host.phase === "exporting") return model.batch === undefined ? "exporting …" : batchText(model.batch);
  if (work !== undefined) return progressText(...work);
  if (host.phase === "simple" || host.phase === "exact") return `${host.phase} …`;
  if (host.missing.length > 0) return `needs ${needs(host.missing)}`;
  if (host.summary !== undefined) return summaryText(host.summary);
  return host.net === undefined ? "" : "ready";
}

/** What a run still needs: `weights and an image`. */
export function needs(missing: readonly ("weights" | "image")[]): string {
  return missing.map((what) => (what === "image" ? "an image" : what)).join(" and ");
}

/** How far the map that is computed now is, or the export of many, 0..1. */
export function progressPart(model: Model): number | undefined {
  if (model.batch !== undefined) return (model.batch.done + model.batch.part) / model.batch.count;
  const progress = runningMap(model)?.[1].progress;
  return progress && progress.total > 0 ? progress.done / progress.total : undefined;
}

/** What the check by the patch classifier found. */
export function verifiedText({ pixels, simple, exact }: Verified): string {
  const of = (name: string, difference: { readonly largest: number; readonly mean: number } | undefined): string[] =>
    difference === undefined ? [] : [`${name} differs by at most ${inWords(difference.largest)} (mean ${inWords(difference.mean)})`];
  return [`verified at ${counted(pixels, "pixel")}`, ...of("exact", exact), ...of("simple", simple)].join(" · ");
}

function runningMap(model: Model): [MapKind, MapState] | undefined {
  const phase = model.host?.phase;
  if (phase !== "simple" && phase !== "exact") return undefined;
  const all = Object.entries(model.maps) as [MapKind, MapState][];
  return all.filter(([, map]) => map.seconds === undefined && map.progress !== undefined).at(-1);
}

function batchText({ done, count: all, name, part }: Batch): string {
  return `exporting image ${done + 1} of ${all} · ${name} · ${Math.floor(100 * part)} %`;
}

function progressText(kind: MapKind, { progress }: MapState): string {
  const { done, total, pixelsPerSecond, secondsLeft } = progress!;
  const part = total > 0 ? Math.floor((100 * done) / total) : 0;
  return [
    `${titles[kind]} ${part} %`,
    ...(pixelsPerSecond > 0 ? [rate(pixelsPerSecond)] : []),
    ...(secondsLeft === undefined ? [] : [left(secondsLeft)]),
  ].join(" · ");
}

/** Times, pixels, memory; and how much faster than patch by patch, with what that was measured on. */
function summaryText({ simpleSeconds, simpleProvider, exactSeconds, pixels, memory, speedUp, naiveSample }: Summary): string {
  return [
    ...(simpleSeconds === undefined ? [] : [`simple ${duration(simpleSeconds)}${simpleProvider === undefined ? "" : ` on ${providerTitle(simpleProvider)}`}`]),
    ...(exactSeconds === undefined ? [] : [`exact ${duration(exactSeconds)}`]),
    `${count(pixels)} pixels`,
    ...(memory === undefined ? [] : [bytes(memory)]),
    ...(speedUp === undefined ? [] : [`≈ ${speedUp < 10 ? speedUp.toFixed(1) : count(Number(speedUp.toPrecision(2)))} x patch by patch${naiveSample === undefined ? "" : ` (estimated from ${counted(naiveSample, "patch", "patches")})`}`]),
  ].join(" · ");
}

/** The part of the picture that is computed, for screen readers now and then. */
export function spokenProgress(model: Model): string {
  const part = progressPart(model);
  // Every quarter is often enough.
  return part === undefined ? statusText(model) : `${percent(Math.floor(part * 4) / 4, 0)} computed`;
}
