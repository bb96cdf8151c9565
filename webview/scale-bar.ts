/** A scale bar: how long it is on the screen, and what that is in the picture. */
export interface ScaleBar {
  readonly length: number;
  readonly label: string;
}

/**
 * The longest bar of at most `longest` screen pixels that is 1, 2 or 5 times a power of ten of pixels or micrometres long.
 * `scale`: screen pixels per pixel of the picture; `micrometres`: from pixel to pixel, where known.
 */
export function scaleBar(scale: number, longest: number, micrometres?: number): ScaleBar {
  const unit = micrometres === undefined ? scale : scale / micrometres;
  const limit = longest / unit;
  const power = 10 ** Math.floor(Math.log10(limit));
  const count = power * (limit >= 5 * power ? 5 : limit >= 2 * power ? 2 : 1);
  // Less than a pixel cannot be shown; a bar of one is longer than it should be instead.
  const shown = micrometres === undefined ? Math.max(count, 1) : count;
  return { length: shown * unit, label: micrometres === undefined ? `${shown} px` : inMetres(shown) };
}

function inMetres(micrometres: number): string {
  if (micrometres >= 1000) return `${tidy(micrometres / 1000)} mm`;
  return micrometres < 1 ? `${tidy(micrometres * 1000)} nm` : `${tidy(micrometres)} µm`;
}

function tidy(number: number): string {
  return String(Number(number.toPrecision(3)));
}
