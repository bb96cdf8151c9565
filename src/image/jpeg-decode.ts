import type { Failure } from "../text/failure.ts";
import { limit } from "../text/limits.ts";
import { count } from "../text/words.ts";
import { badImage, damaged } from "./checks.ts";
import type { Image } from "./image.ts";
import type { JpegColors } from "./jpeg-color.ts";
import { joinComponents } from "./jpeg-color.ts";
import type { Frame, JpegState } from "./jpeg-header.ts";
import { readSegment } from "./jpeg-header.ts";
import type { Scan } from "./jpeg-scan.ts";
import { decodeScan, finishProgressive, isMarker } from "./jpeg-scan.ts";
import type { Orientation } from "./orientation.ts";
import { turnUpright } from "./orientation.ts";

/**
 * The picture in a JPEG file's bytes, upright as its EXIF orientation asks: sequential or progressive, 8 bits; grey, YCbCr, RGB, CMYK.
 *
 * Grey stays one channel, everything else becomes RGB. The samples are those of libjpeg-turbo, bit for bit, and so those that
 * OpenCV gives to Caffe. The size is checked before room is made. Throws a `bad-file` Failure naming `file`.
 * Source: ITU T.81; Adobe Technical Note 5116 for CMYK.
 */
export function decodeJpeg(bytes: Uint8Array, file: string, maxBytes = limit("imageBytes")): Image {
  const { orientation, ...image } = decodeJpegStream(bytes, file, { maxBytes });
  return turnUpright({ ...image, source: { format: "jpeg", bits: 8, alpha: false } }, orientation);
}

/** Settings of {@link decodeJpegStream}, for JPEG data inside another format. */
export interface JpegStreamOptions {
  readonly maxBytes: number;
  /** A JPEG stream of tables only, to begin with. */
  readonly tables?: Uint8Array;
  /** What three components are, where the surrounding format says it. */
  readonly colors?: "ycc" | "rgb";
}

/** The picture in a JPEG stream as it is stored, and how it should be turned. Otherwise as {@link decodeJpeg}. */
export function decodeJpegStream(
  bytes: Uint8Array,
  file: string,
  options: JpegStreamOptions,
): Image & { readonly orientation: Orientation } {
  const state: JpegState = {
    file,
    maxBytes: options.maxBytes,
    quantization: [],
    dc: [],
    ac: [],
    restartInterval: 0,
    scans: 0,
    orientation: 1,
  };
  if (options.tables !== undefined) readSegments(options.tables, state);
  readSegments(bytes, state);
  const { frame } = state;
  if (frame === undefined || state.scans === 0) throw damaged(file, "a JPEG without a picture");
  for (const component of frame.components) {
    if (component.quantization === undefined) throw damaged(file, "a JPEG without one of its colour components");
    finishProgressive(component);
  }
  const colors = colorsOf(frame, state, options);
  const data = joinComponents(frame.components, colors, frame.width, frame.height);
  return { width: frame.width, height: frame.height, channels: colors === "grey" ? 1 : 3, data, orientation: state.orientation };
}

/** Each scan goes over the whole picture, however short its data: more of them than this are an attack. */
const MAX_SCANS = 256;

function readSegments(data: Uint8Array, state: JpegState): void {
  const { file } = state;
  for (let at = 2; ;) {
    while (at < data.length && !isMarker(data, at)) at++;
    if (at >= data.length) throw damaged(file, "truncated: the file ends inside its picture data", { at: data.length });
    const marker = data[at + 1]!;
    at += 2;
    if (marker === END) return;
    // Restart markers, a second start of image and TEM stand alone.
    if ((marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) continue;
    const length = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
    if (length < 2 || at + length > data.length) throw damaged(file, "truncated: the file ends inside its header", { at });
    const content = data.subarray(at + 2, at + length);
    const complete = readSegment(marker, content, at, state);
    if (!complete) throw damaged(file, `its header at marker ${marker.toString(16)} is wrong`, { at });
    at += length;
    if (marker === SCAN) at = readScan(data, at, content, state);
  }
}

const END = 0xd9;
const SCAN = 0xda;

/** Decodes the scan described by `header`, whose data begins at `at`; gives the position after it. */
function readScan(data: Uint8Array, at: number, header: Uint8Array, state: JpegState): number {
  const { file, frame } = state;
  if (++state.scans > MAX_SCANS)
    throw badImage(file, `goes over its picture more than ${count(MAX_SCANS)} times.`, "Save it again as an ordinary JPEG.");
  const number = header[0] ?? 0;
  const wrong = (): Failure => damaged(file, "the header of its picture data is wrong", { at });
  if (frame === undefined || number < 1 || number > 4 || header.length < 4 + 2 * number) throw wrong();
  const [spectralStart, spectralEnd, approximation] = header.subarray(1 + 2 * number) as unknown as [number, number, number];
  const [high, low] = [approximation >> 4, approximation & 15];
  const { progressive, unitsAcross, unitsDown } = frame;
  if (progressive) {
    const first = spectralStart === 0;
    if (spectralEnd > 63 || spectralStart > spectralEnd || (first ? spectralEnd !== 0 : number !== 1) || low > 13) throw wrong();
  }
  const components = Array.from({ length: number }, (_, i) => {
    const component = frame.components.find(({ id }) => id === header[1 + 2 * i]);
    const tables = header[2 + 2 * i]!;
    const [dc, ac] = [state.dc[tables >> 4], state.ac[tables & 15]];
    if (component === undefined) throw wrong();
    component.quantization ??= state.quantization[component.quantizationIndex];
    const needsDc = !progressive || (spectralStart === 0 && high === 0);
    const needsAc = !progressive || spectralStart > 0;
    if (component.quantization === undefined || (needsDc && dc === undefined) || (needsAc && ac === undefined)) {
      throw damaged(file, "a table that its picture data needs is missing", { at });
    }
    return { component, dc, ac };
  });
  if (new Set(components.map(({ component }) => component)).size !== number) throw wrong();
  const { restartInterval } = state;
  const scan: Scan = { progressive, components, restartInterval, unitsAcross, unitsDown, spectralStart, spectralEnd, high, low };
  return decodeScan(data, at, scan, file);
}

/** What the components mean: as libjpeg guesses it (jdapimin.c, default_decompress_parms) where nobody says it. */
function colorsOf({ components }: Frame, { jfif, adobe }: JpegState, options: JpegStreamOptions): JpegColors {
  if (components.length === 1) return "grey";
  if (components.length === 4) return adobe === undefined ? "cmyk" : adobe === 2 ? "ycck-inverted" : "cmyk-inverted";
  if (options.colors !== undefined) return options.colors;
  if (jfif === true) return "ycc";
  if (adobe !== undefined) return adobe === 0 ? "rgb" : "ycc";
  return String.fromCharCode(...components.map(({ id }) => id)) === "RGB" ? "rgb" : "ycc";
}
