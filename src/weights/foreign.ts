import { Failure } from "../text/failure.ts";
import type { ByteSource } from "./wire.ts";

/** Throws a {@link Failure} for files that are often given as models and are none: empty ones, HDF5, prototxt text, pages saved by a browser. */
export function refuseForeign(path: string, source: ByteSource): void {
  const head = new Uint8Array(512);
  const bytes = head.subarray(0, source.read(head, 0));
  const refuse = (what: string, advice?: string): never => {
    throw new Failure("bad-file", what, { file: path, ...(advice !== undefined && { advice }) });
  };
  if (bytes.length === 0) refuse("is empty", "Copy or download it again.");
  const text = Buffer.from(bytes).toString("latin1");
  if (text.startsWith("\x89HDF\r\n")) refuse("is a model in HDF5 (.caffemodel.h5), which is not read", "Let Caffe save it as .caffemodel: snapshot_format: BINARYPROTO in the solver, or net.save() from Python.");
  if (text.startsWith("PK\x03\x04")) refuse("is a zip archive, not a Caffe model", "Unpack it first.");
  if (text.startsWith("\x1f\x8b")) refuse("is compressed with gzip, not a Caffe model", "Unpack it first.");
  if (/^\s*<(!doctype|html)/i.test(text)) refuse("is a web page, not a Caffe model", "Download the model itself.");
  if (text.startsWith("version https://git-lfs")) refuse("is a pointer of Git LFS, not the model itself", "Run 'git lfs pull'.");
  const printable = /^[\t\n\r\x20-\x7e]*$/.test(text);
  if (printable && /(^|\n)\s*(#|layers?\s*\{|name\s*:|input\s*:)/.test(text)) refuse("is a prototxt, not a Caffe model", "Give the .caffemodel.");
}
