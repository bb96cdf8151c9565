import type { Point } from "./camera.ts";
import type { MapKind, ToHost } from "./messages.ts";
import type { Model } from "./model.ts";
import type { Pictures } from "./pictures.ts";
import { valueAt } from "./pictures.ts";

/** What is known of a pixel. */
export interface Reading extends Point {
  readonly pinned: boolean;
  /** The maps there are, in order. */
  readonly kinds: readonly MapKind[];
  /** One row per class, the largest first where there are too many to show. */
  readonly rows: readonly ReadingRow[];
  /** Classes left out. */
  readonly more: number;
}

export interface ReadingRow {
  readonly classIndex: number;
  readonly label: string;
  readonly values: Partial<Record<MapKind, number>>;
  /** The class whose map is shown. */
  readonly shown: boolean;
  /** The class with the largest value, where all are known. */
  readonly largest: boolean;
}

const kinds: readonly MapKind[] = ["simple", "exact", "mean", "variance"];
/** Rows shown at most. */
const most = 6;

/** The pixel being probed and its values: those of the shown class from the maps at once, the other classes as the host has answered. */
export function reading(model: Model, pictures: Pictures): Reading | undefined {
  const at = model.view.pin ?? model.hover;
  const { host, picture } = model;
  if (at === undefined || host?.net === undefined || picture === undefined || at.x >= picture.width || at.y >= picture.height) return undefined;
  const present = kinds.filter((kind) => model.maps[kind] !== undefined);
  const answer = model.probed?.x === at.x && model.probed.y === at.y ? model.probed.values : {};
  const shownClass = model.maps.exact?.classIndex ?? model.maps.simple?.classIndex ?? host.settings.classIndex;
  const best = (["exact", "simple", "mean"] as const).map((kind) => answer[kind]).find((values) => values !== undefined);
  const largest = best === undefined ? -1 : best.indexOf(Math.max(...best));
  const rows = host.net.labels.map((label, classIndex): ReadingRow => {
    const shown = classIndex === shownClass;
    const values: Partial<Record<MapKind, number>> = {};
    for (const kind of present) {
      const value = (shown ? valueAt(pictures.maps[kind], at.x, at.y) : undefined) ?? answer[kind]?.[classIndex];
      if (value !== undefined) values[kind] = value;
    }
    return { classIndex, label, values, shown, largest: classIndex === largest };
  });
  const ranked = rows.length <= most ? rows : [...rows].sort((a, b) => rank(b, best) - rank(a, best)).slice(0, most);
  return { ...at, pinned: model.view.pin !== undefined, kinds: present, rows: ranked, more: rows.length - ranked.length };
}

/** The shown class first, then by value. */
function rank(row: ReadingRow, best: readonly number[] | undefined): number {
  return row.shown ? Infinity : (best?.[row.classIndex] ?? -row.classIndex);
}

/** Asks the host for all classes of the probed pixel, one question at a time: the newest once the last is answered. */
export function prober(post: (message: ToHost) => void): (model: Model) => void {
  let asked: string | undefined;
  let waiting = false;
  return (model) => {
    const at = model.view.pin ?? model.hover;
    if (waiting && model.probed !== undefined && `${model.probed.x},${model.probed.y}` === asked?.split(" ")[0]) waiting = false;
    if (at === undefined || Object.keys(model.maps).length === 0) return;
    // Once a map is complete, there is more to be told of the same pixel.
    const done = Object.values(model.maps).map(({ run, seconds, classIndex }) => `${run}${seconds === undefined ? "" : "!"}${classIndex}`).join();
    const question = `${at.x},${at.y} ${done}`;
    if (waiting || question === asked) return;
    asked = question;
    waiting = true;
    post({ type: "probe", x: at.x, y: at.y });
  };
}
