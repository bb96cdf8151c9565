import type { TiffDirectory, TiffFile } from "./tiff-directory.ts";
import { readFieldBytes, readNumber1 } from "./tiff-directory.ts";
import { tags } from "./tiff-tags.ts";

/**
 * Micrometres from pixel to pixel, or undefined where the file does not say.
 *
 * Looks at what slide scanners and microscopy programs write into the description (Aperio's `MPP = 0.25`, OME's PhysicalSizeX,
 * ImageJ's unit), then at XResolution. Nothing coarser than {@link COARSEST} is believed: 72 or 300 dots an inch is what programs
 * write when they know nothing.
 */
export async function readResolution(tiff: TiffFile, directory: TiffDirectory): Promise<number | undefined> {
  const description = await readFieldBytes(tiff, directory, tags.ImageDescription, MAX_DESCRIPTION);
  const text = description === undefined ? "" : new TextDecoder().decode(description);
  const perUnit = await readNumber1(tiff, directory, tags.XResolution, 0);
  const unit = await readNumber1(tiff, directory, tags.ResolutionUnit, INCH);
  const micrometres = fromAperio(text) ?? fromOme(text) ?? fromImageJ(text, perUnit) ?? (micrometresIn[unit] ?? NaN) / perUnit;
  return micrometres > 0 && micrometres <= COARSEST ? micrometres : undefined;
}

/** Micrometres a pixel: 635 dots an inch, finer than what is printed. */
const COARSEST = 40;

const MAX_DESCRIPTION = 65_536;
const INCH = 2;

/** Micrometres in TIFF's units of length. */
const micrometresIn: Readonly<Record<number, number>> = { 2: 25_400, 3: 10_000 };

function fromAperio(text: string): number | undefined {
  const match = /\bMPP\s*=\s*([\d.]+)/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function fromOme(text: string): number | undefined {
  const size = /\bPhysicalSizeX="([\d.eE+-]+)"/.exec(text);
  if (size === null) return undefined;
  const unit = /\bPhysicalSizeXUnit="([^"]*)"/.exec(text)?.[1] ?? "\u00b5m";
  const scale = { "\u00b5m": 1, "\u03bcm": 1, um: 1, nm: 1e-3, mm: 1e3 }[unit];
  return scale === undefined ? undefined : Number(size[1]) * scale;
}

function fromImageJ(text: string, perUnit: number): number | undefined {
  const unit = /^ImageJ=[^]*\nunit=(\S+)/.exec(text)?.[1];
  return unit !== undefined && /^(micron|um|\u00b5m|\\u00B5m)/i.test(unit) ? 1 / perUnit : undefined;
}
