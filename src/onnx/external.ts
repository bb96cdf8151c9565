import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { Failure, fileFailure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import type { ExternalData } from "./tensor.ts";

/** Reads weights from files in a model's own folder; a model that points out of it is refused. */
export function openExternalData(folder: string): ExternalData {
  return (location, offset, length) => {
    const inside = normalize(location);
    if (location === "" || isOutside(inside)) throw outside(location);
    return readPart(join(folder, inside), folder, location, offset, length);
  };
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path === ".." || path.startsWith(`..${sep}`);
}

function outside(location: string): Failure {
  return new Failure("bad-file", `its weights are said to be in '${location}', outside the model's folder`);
}

function readPart(file: string, folder: string, location: string, offset: number, length: number): Uint8Array {
  let handle: number | undefined;
  try {
    // A link may lead out of the folder, and opening a pipe would wait for its writer.
    if (isOutside(relative(realpathSync(folder), realpathSync(file)))) throw outside(location);
    if (!statSync(file).isFile()) throw new Failure("bad-file", `'${file}' is not an ordinary file`);
    handle = openSync(file, "r");
    const { size } = fstatSync(handle);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > size) {
      const wanted = `${count(offset)} to ${count(offset + length)}`;
      throw new Failure("bad-file", `'${file}' has ${count(size)} bytes; the model looks for weights at ${wanted}`);
    }
    const part = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = readSync(handle, part, done, length - done, offset + done);
      if (got === 0) throw new Failure("bad-file", `'${file}' ended early`);
      done += got;
    }
    return part;
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("cannot-read", file, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
