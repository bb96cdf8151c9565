/** The shortest time between frames that only show more of a picture or map, in milliseconds. */
const PACE = 100;

/** The part of the time that such frames may take: drawing, in software above all, takes from the processors that compute the map. */
const SHARE = 0.2;

/** Asks for the next frame. */
export interface Redraw {
  /** Shows what happened in the next frame. */
  readonly now: () => void;
  /** The same, but for what comes all the time: fewer where a frame takes long. */
  readonly soon: () => void;
}

/** Calls `draw` in the frames that are asked for, once for all that happened before each; `waiting` hears whether one is to come. */
export function redrawer(draw: () => void, waiting: (is: boolean) => void): Redraw {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next = -Infinity;
  const now = (): void => {
    if (frame !== undefined) return;
    clearTimeout(timer);
    waiting(true);
    frame = requestAnimationFrame(() => {
      frame = timer = undefined;
      const start = performance.now();
      next = start + PACE;
      waiting(false);
      draw();
      // The frame after a slow one comes late: how late says what the slow one took, graphics included.
      requestAnimationFrame(() => { next = start + Math.max(PACE, (performance.now() - start) / SHARE); });
    });
  };
  const soon = (): void => {
    if (frame !== undefined || timer !== undefined) return;
    const wait = next - performance.now();
    if (wait <= 0) now();
    else {
      waiting(true);
      timer = setTimeout(now, wait);
    }
  };
  return { now, soon };
}
