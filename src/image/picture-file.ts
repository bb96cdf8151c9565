import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { Failure, fileFailure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { badImage, damaged } from "./checks.ts";

/** A picture file open for reading. */
export interface PictureFile {
  /** As the user named it. */
  readonly path: string;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  readonly format: "png" | "jpeg" | "tiff";
  /** The bytes [offset, offset + length). Throws a Failure where the file is shorter or cannot be read. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a picture file and tells its format from its first bytes; the name plays no part. Throws a Failure for anything else. */
export async function openPictureFile(path: string): Promise<PictureFile> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    const read = (offset: number, length: number): Promise<Uint8Array> => readBytes(handle, path, size, offset, length);
    if (size === 0) throw badImage(path, "is empty.", "Get a fresh copy of it.");
    const format = formatOf(await read(0, Math.min(size, 16)), path);
    return { path, size, format, read, close: () => handle.close() };
  } catch (cause) {
    await handle.close();
    throw cause instanceof Failure ? cause : fileFailure("cannot-read", path, cause);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Asked first, because opening a pipe waits for somebody to write into it.
    const there = await stat(path);
    if (there.isDirectory()) throw new Failure("cannot-read", "is a folder, not a file", { file: path });
    if (!there.isFile()) throw new Failure("cannot-read", "is a device or a pipe, not a file", { file: path });
    return await open(path, "r");
  } catch (cause) {
    throw cause instanceof Failure ? cause : fileFailure("cannot-read", path, cause);
  }
}

async function readBytes(handle: FileHandle, path: string, size: number, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > size) {
    throw damaged(path, `truncated: it has ${count(size)} bytes, and refers to some up to ${count(offset + length)}`);
  }
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done).catch((cause: unknown) => {
      throw fileFailure("cannot-read", path, cause);
    });
    if (bytesRead === 0) throw damaged(path, "truncated while it was being read");
    done += bytesRead;
  }
  return bytes;
}

const formats: readonly (readonly [format: PictureFile["format"], start: readonly number[]])[] = [
  ["png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["tiff", [0x49, 0x49, 42, 0]],
  ["tiff", [0x4d, 0x4d, 0, 42]],
  ["tiff", [0x49, 0x49, 43, 0]],
  ["tiff", [0x4d, 0x4d, 0, 43]],
];

/** What people take for one of ours: the name, and the text that stands at a position near the start. */
const foreign: readonly (readonly [name: string, at: number, text: string])[] = [
  ["a GIF", 0, "GIF8"],
  ["a BMP", 0, "BM"],
  ["a WebP", 8, "WEBP"],
  ["a JPEG 2000", 4, "jP  "],
  ["a JPEG XL", 4, "JXL "],
  ["a HEIF or AVIF", 4, "ftyp"],
  ["a PDF", 0, "%PDF"],
  ["an SVG or another XML", 0, "<"],
  ["a zip", 0, "PK"],
  ["a gzip", 0, "\x1f\x8b"],
  ["a PNM", 0, "P6\n"],
  ["a PNM", 0, "P5\n"],
];

function formatOf(start: Uint8Array, path: string): PictureFile["format"] {
  const format = formats.find(([, bytes]) => bytes.every((byte, i) => start[i] === byte));
  if (format !== undefined) return format[0];
  const text = String.fromCharCode(...start);
  const name = foreign.find(([, at, mark]) => text.startsWith(mark, at))?.[0];
  const what = name === undefined ? "is not a picture in PNG, JPEG or TIFF." : `is ${name} file.`;
  throw badImage(path, what, name === undefined ? "Choose another file." : "Save it as PNG, JPEG or TIFF.");
}
