import type { Region } from "../dense/fill.ts";
import type { Extent } from "../dense/geometry.ts";
import { waitAtMost } from "../text/patience.ts";
import { cut, newMap, type PartValues, type Samples, type StoredMap } from "./maps.ts";
import type { MapKind, Tile } from "./messages.ts";
import type { FromEngine } from "./protocol.ts";
import { bandsOf, overviewOf, type Picture } from "./picture.ts";

/** Sends a message. Its pixels or values stay as they are: they may be sent later. */
export type Post = (message: FromEngine) => void;

/** What the webview shows of pictures and maps: keeps the maps, and sends what is new or asked for again. */
export interface Board {
  readonly map: (kind: MapKind) => StoredMap | undefined;
  /** Shows another picture; the maps of the one before are gone. */
  showPicture(picture: Picture): void;
  /** Begins a map; with `hold`, nothing of it is sent until {@link Board.release}. */
  begin(kind: MapKind, run: number, size: Extent, classes: readonly number[], range?: readonly [number, number], hold?: boolean): void;
  put(kind: MapKind, part: Region, values: PartValues): void;
  /** Sends a map that was held back. */
  release(kind: MapKind, range: readonly [number, number]): void;
  range(kind: MapKind): readonly [number, number] | undefined;
  /** The map is complete, after some seconds. */
  finish(kind: MapKind, seconds: number): void;
  /** Forgets maps, those that the webview shows included. */
  clear(): void;
  showClass(classIndex: number): void;
  /** Sends everything to a webview that has just begun; before the first has, no pixels are sent. */
  begun(): void;
  /** Waits until the webview has begun; not for ever, because a panel behind others begins only when it is looked at. */
  there(): Promise<void>;
  /** A run begins: of a picture that is there in small, the rows wait for its end, or until the user looks so closely that they are missed. */
  rush(): void;
  /** The user sees each pixel of the picture as so many of the screen. */
  look(scale: number): void;
  /** The run is over. */
  calm(): void;
}

/** Pixels of the screen, a side, that one of a picture in small may take before it is seen to be small. */
const COARSE = 2;

/** How long a run waits at most for the webview, in milliseconds. */
const PATIENCE = 15_000;

/** Milliseconds between two bands of rows: sixteen megabytes a second. */
const PAUSE = 16;

/** The rows of a picture; where it is there in small, each pixel of that is one of `factor` x `factor`. */
interface Rows {
  readonly picture: Picture;
  readonly factor: number | undefined;
}

export function showOn(post: Post, firstClass: number): Board {
  const maps = new Map<MapKind, StoredMap>();
  const ranges = new Map<MapKind, readonly [number, number]>();
  const held = new Set<MapKind>();
  const seconds = new Map<MapKind, number>();
  let isLive = false;
  let beginning: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => { beginning = resolve; });
  let picture: Picture | undefined;
  let shown = firstClass;
  let isRushed = false;
  let scale = 0;
  /** Whose rows are still to be sent. */
  let waiting: Rows | undefined;
  /** Whose rows are being sent. */
  let sending: Rows | undefined;

  const header = ({ kind, run, height, width }: StoredMap): void => {
    if (!isLive) return;
    const range = ranges.get(kind);
    post({ type: "map", kind, run, width, height, classIndex: shown, ...(range !== undefined && { range }) });
  };
  const tile = (map: StoredMap, part: StoredMap["parts"][number]): void => {
    if (!isLive || !map.keeps(shown)) return;
    const { kind, run } = map;
    const { samples, ...region } = part;
    const values = samples === undefined ? cut(map.planes.get(shown)!, map.width, part) : samples.values[shown]!;
    const isShort = samples === undefined && !ranges.has(kind) && kind !== "variance";
    const sent = isShort ? Uint16Array.from(values, (value) => Math.round(value * 65_535)) : values;
    post({ type: "tile", kind, run, ...region, values: sent, ...(samples !== undefined && { samples: shownSamples(samples) }) });
  };
  const whole = (map: StoredMap): void => {
    if (held.has(map.kind)) return;
    header(map);
    for (const part of map.parts) tile(map, part);
  };
  const sendPicture = (next: Picture): void => {
    if (!isLive) return;
    const { image } = next;
    post({ type: "image", width: image.width, height: image.height });
    const overview = overviewOf(image);
    if (overview !== undefined) post({ type: "imageOverview", ...overview });
    waiting = { picture: next, factor: overview?.factor };
    sending = undefined;
    sendRowsIfDue();
  };
  const areDue = ({ factor }: Rows): boolean => !isRushed || factor === undefined || factor * scale > COARSE;
  const sendRowsIfDue = (): void => {
    if (waiting === undefined || !areDue(waiting)) return;
    const mine = waiting;
    const bands = bandsOf(mine.picture.image);
    sending = mine;
    waiting = undefined;
    // In steps with pauses, so that what the user does in the meantime is heard, here and by all that a picture passes on its way.
    const step = (): void => {
      if (sending !== mine) return;
      const band = bands.next().value;
      if (band === undefined) {
        sending = undefined;
        return;
      }
      post({ type: "imageBand", ...band });
      setTimeout(step, PAUSE);
    };
    step();
  };
  const clear = (): void => {
    maps.clear();
    ranges.clear();
    held.clear();
    seconds.clear();
  };

  return {
    rush() {
      isRushed = true;
      if (sending === undefined || areDue(sending)) return;
      waiting = sending;
      sending = undefined;
    },
    calm() {
      isRushed = false;
      sendRowsIfDue();
    },
    look(next) {
      scale = next;
      sendRowsIfDue();
    },
    map: (kind) => maps.get(kind),
    showPicture(next) {
      clear();
      picture = next;
      sendPicture(next);
    },
    begin(kind, run, size, classes, range, hold = false) {
      const map = newMap(kind, run, size, classes);
      maps.set(kind, map);
      seconds.delete(kind);
      if (range === undefined) ranges.delete(kind);
      else ranges.set(kind, range);
      if (hold) held.add(kind);
      else {
        held.delete(kind);
        header(map);
      }
    },
    put(kind, part, values) {
      const map = maps.get(kind);
      if (map === undefined) return;
      map.put(part, values);
      if (!held.has(kind)) tile(map, map.parts.at(-1)!);
    },
    release(kind, range) {
      ranges.set(kind, range);
      held.delete(kind);
      const map = maps.get(kind);
      if (map !== undefined) whole(map);
    },
    finish(kind, time) {
      const map = maps.get(kind);
      if (map === undefined) return;
      seconds.set(kind, time);
      post({ type: "finished", kind, run: map.run, seconds: time });
    },
    range: (kind) => ranges.get(kind),
    clear() {
      clear();
      if (picture !== undefined) sendPicture(picture);
    },
    showClass(classIndex) {
      if (classIndex === shown) return;
      shown = classIndex;
      for (const map of maps.values()) whole(map);
    },
    there: () => waitAtMost(PATIENCE, begun),
    begun() {
      isLive = true;
      beginning();
      if (picture !== undefined) sendPicture(picture);
      for (const map of maps.values()) {
        whole(map);
        const time = seconds.get(map.kind);
        if (time !== undefined) post({ type: "finished", kind: map.kind, run: map.run, seconds: time });
      }
    },
  };
}

/** How to interpolate, in a message: numbers there are finite. */
function shownSamples({ grid, bounds }: Samples): NonNullable<Tile["samples"]> {
  return { grid, ...(bounds.every(Number.isFinite) && { bounds }) };
}
