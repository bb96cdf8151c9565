import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { bytes, count } from "../text/words.ts";

/** The failure of a picture file that cannot be used. `advice` says what the user can do. */
export function badImage(file: string, message: string, advice?: string): Failure {
  return new Failure("bad-file", message, { file, ...(advice === undefined ? {} : { advice }) });
}

/** The failure of a picture file that breaks off or contradicts itself; `at` is the byte where. */
export function damaged(file: string, what: string, { at, cause }: { at?: number; cause?: unknown } = {}): Failure {
  const place = at === undefined ? {} : { place: `byte ${count(at)}` };
  return new Failure("bad-file", `${what}.`, { file, ...place, advice: "The file is damaged; get a fresh copy of it.", cause });
}

/**
 * Throws a `bad-file` {@link Failure} unless a picture of this size, at this many bytes a pixel, can be held within `maxBytes`.
 *
 * For decoders to ask as soon as they have read the header, before they make room for anything.
 */
export function checkSize(file: string, width: number, height: number, bytesPerPixel: number, maxBytes: number): void {
  if (!(width > 0 && height > 0)) throw damaged(file, `declares a size of ${count(width)} x ${count(height)} pixels`);
  checkPixels(file, width, height);
  const size = width * height * bytesPerPixel;
  if (size <= maxBytes) return;
  const raise = maxBytes === limit("imageBytes") ? ` ${raising("imageBytes", size)}` : "";
  throw badImage(
    file,
    `declares ${count(width)} x ${count(height)} pixels, ${bytes(size)} in memory; the limit is ${bytes(maxBytes)}.`,
    `Cut it into smaller pictures, or save it as a tiled TIFF.${raise}`,
  );
}

/** Throws a `bad-file` {@link Failure} where a picture has more pixels than are worked on, wherever they are kept. */
export function checkPixels(file: string, width: number, height: number): void {
  const pixels = width * height;
  if (pixels <= limit("pixels")) return;
  throw badImage(file, `declares ${count(width)} x ${count(height)} pixels; the limit is ${count(limit("pixels"))}.`, raising("pixels", pixels));
}
