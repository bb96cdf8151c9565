import type { Raster, Region } from "../raster.ts";
import type { Drawing, DrawnPane } from "./drawing.ts";
import { intersection } from "./textures.ts";

/** What a pane shows otherwise than in the drawing before; the rest of it stays. */
export interface PaneChange {
  readonly pane: DrawnPane;
  /** Comes first. */
  readonly moved?: Moved;
  /** Device pixels to draw anew, background included. */
  readonly parts: readonly Region[];
}

/** Device pixels that come from elsewhere in their pane. */
export interface Moved {
  readonly to: Region;
  /** How far they have come; what they show lay at `to` less these. */
  readonly right: number;
  readonly down: number;
}

/** Finds what changes from drawing to drawing: of a picture that is moved no more than what comes into sight, of one that arrives no more than what is new. */
export interface Changes {
  readonly written: (raster: Raster, region: Region) => void;
  /** All is to be drawn next. */
  readonly forget: () => void;
  /** How to come from the drawing before to this one; undefined: all is to be drawn. */
  readonly next: (drawing: Drawing) => readonly PaneChange[] | undefined;
}

/** Parts of which there are more are not worth being told apart. */
const MANY = 32;

export function followChanges(): Changes {
  let before: Drawing | undefined;
  let written: { readonly raster: Raster; readonly region: Region }[] = [];
  const forget = (): void => {
    before = undefined;
    written = [];
  };
  return {
    forget,
    written(raster, region) {
      written.push({ raster, region });
      // A panel that is not seen is not drawn for as long as that lasts.
      if (written.length > MANY) forget();
    },
    next(drawing) {
      const changes = before && changesBetween(before, drawing, written);
      before = drawing;
      written = [];
      const area = (changes ?? []).flatMap(({ parts }) => parts).reduce((sum, { width, height }) => sum + width * height, 0);
      return area > drawing.width * drawing.height * 0.7 ? undefined : changes;
    },
  };
}

function changesBetween(before: Drawing, drawing: Drawing, written: readonly { readonly raster: Raster; readonly region: Region }[]): readonly PaneChange[] | undefined {
  const { panes, background, ...rest } = drawing;
  if (panes.length !== before.panes.length || !sameValues(rest, before) || !sameValues(background, before.background)) return undefined;
  const changes: PaneChange[] = [];
  for (const [i, pane] of panes.entries()) {
    const last = before.panes[i]!;
    const { clip, left, top, ...look } = pane;
    if (!sameValues(clip, last.clip) || Object.keys(last).length !== Object.keys(pane).length || !sameValues(look, last)) return undefined;
    const [right, down] = [left - last.left, top - last.top];
    const to = intersection(clip, { ...clip, left: clip.left + right, top: clip.top + down });
    if (to === undefined) return undefined;
    const isMoved = right !== 0 || down !== 0;
    changes.push({
      pane,
      ...(isMoved && { moved: { to, right, down } }),
      parts: [...(isMoved ? around(to, clip) : []), ...written.flatMap(({ raster, region }) => seen(pane, raster, region, drawing.ratio))],
    });
  }
  return changes;
}

/** Whether all values of one are those of the other. */
function sameValues<Values extends object>(some: Values, others: Partial<Values>): boolean {
  return Object.entries(some).every(([name, value]) => Object.is(value, others[name as keyof Values]));
}

/** What of a rectangle is beside one within it that has at least one corner with it in common. */
function around(inner: Region, { left, top, width, height }: Region): Region[] {
  const across = inner.left > left ? { left, width: inner.left - left } : { left: inner.left + inner.width, width: width - inner.width };
  const down = inner.top > top ? { top, height: inner.top - top } : { top: inner.top + inner.height, height: height - inner.height };
  return [{ ...across, top, height }, { left: inner.left, width: inner.width, ...down }].filter((part) => part.width > 0 && part.height > 0);
}

/** The device pixels of a pane that may show something of a region of a raster. */
function seen({ clip, left, top, step, picture, front, back }: DrawnPane, raster: Raster, region: Region, ratio: number): Region[] {
  if (raster !== picture && raster !== front && raster !== back) return [];
  // A pixel of the level that is drawn is the mean of several, and takes no more than a device pixel where it is interpolated; a contour looks a line's thickness far.
  const reach = Math.ceil(ratio) + 2;
  const from = (place: number): number => Math.floor(place / step) - reach;
  const to = (place: number): number => Math.ceil(place / step) + reach;
  const part = intersection(clip, {
    left: left + from(region.left),
    top: top + from(region.top),
    width: to(region.left + region.width) - from(region.left),
    height: to(region.top + region.height) - from(region.top),
  });
  return part === undefined ? [] : [part];
}
