import { bytes, count, shortCount } from "../text/words.ts";
import { netCost } from "../net/cost.ts";
import { outputField } from "../net/reach.ts";
import type { NetShapes } from "../net/shapes.ts";

/** A net in one line: `88,226 parameters · 2.2 M multiply-adds · 1.2 MB of activations · field 32, stride 4`. */
export function totals(shapes: NetShapes): string {
  const { total } = netCost(shapes);
  const field = outputField(shapes);
  const parts = [
    `${count(total.parameters)} parameters`,
    `${shortCount(total.multiplyAdds)} multiply-adds`,
    `${bytes(total.activationBytes)} of activations`,
  ];
  if (field !== undefined && Number.isFinite(field.size[0])) parts.push(`field ${pair(field.size)}, stride ${pair(field.stride)}`);
  return parts.join(" · ");
}

/** Rows and columns, as one number where they are the same. */
export function pair([rows, columns]: readonly [number, number]): string {
  return rows === columns ? String(rows) : `${rows} x ${columns}`;
}
