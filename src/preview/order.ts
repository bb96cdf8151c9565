import type { Region } from "../dense/fill.ts";

/**
 * The jobs of a map in the order to do them: each call gives the one nearest to where the user looks then, those in view before all others.
 *
 * Jobs of a class of their own (`region`) may be any objects; each is given once, undefined after the last.
 */
export function nearestFirst<J extends { readonly region: Region }>(jobs: readonly J[], looking: () => Region | undefined): () => J | undefined {
  const left = new Set(jobs);
  return () => {
    const view = looking();
    let best: J | undefined;
    let least = Infinity;
    for (const job of left) {
      // Without a view, the order of the list.
      const distance = view === undefined ? 0 : distanceBetween(job.region, view);
      if (distance < least) [best, least] = [job, distance];
    }
    if (best !== undefined) left.delete(best);
    return best;
  };
}

/** From the middle of the view to the middle of a region, and far away where they do not touch. */
function distanceBetween(region: Region, view: Region): number {
  const down = region.top + region.height / 2 - (view.top + view.height / 2);
  const across = region.left + region.width / 2 - (view.left + view.width / 2);
  const isSeen =
    region.top < view.top + view.height && view.top < region.top + region.height && region.left < view.left + view.width && view.left < region.left + region.width;
  return Math.hypot(down, across) + (isSeen ? 0 : 1e9);
}
