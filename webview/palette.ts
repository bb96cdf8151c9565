import { colormap } from "../src/image/colormap.ts";
import type { ColourMap } from "./messages.ts";

/** 256 colours, RGB, of a colour map; always the same array for the same name. */
export function palette(name: ColourMap | "difference"): Uint8Array {
  const known = made.get(name);
  if (known !== undefined) return known;
  const colours = name === "difference" ? diverging() : colormap(name);
  made.set(name, colours);
  return colours;
}

const made = new Map<string, Uint8Array>();

/**
 * Blue for less, orange for more, light grey for no difference: apart for every kind of colour vision, and equally dark on both sides. Between
 * the anchors, straight lines in linear light.
 */
function diverging(): Uint8Array {
  const anchors = [[12, 44, 110], [38, 102, 176], [128, 177, 218], [238, 238, 238], [241, 163, 84], [186, 92, 20], [102, 42, 4]] as const;
  const colours = new Uint8Array(768);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1);
    const before = Math.min(Math.floor(at), anchors.length - 2);
    for (let c = 0; c < 3; c++) colours[3 * i + c] = mix(anchors[before]![c]!, anchors[before + 1]![c]!, at - before);
  }
  return colours;
}

function mix(from: number, to: number, part: number): number {
  const light = (from / 255) ** 2.2 * (1 - part) + (to / 255) ** 2.2 * part;
  return Math.round(light ** (1 / 2.2) * 255);
}
