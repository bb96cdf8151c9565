import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import { shapeText, volume } from "../layers/shape.ts";
import { blobFields, encodeShape, layerFields, netFields } from "./layout.ts";
import { encodeBytesField, encodeHeader, joinBytes } from "./wire.ts";

/** A blob to be written: values at once, or chunk after chunk where they are too many for memory. */
export interface NewBlob {
  readonly shape: readonly number[];
  readonly data: Float32Array | (() => Iterable<Float32Array>);
}

/** A net to be written as a .caffemodel in the current format (V2). */
export interface NewWeights {
  readonly name: string;
  readonly layers: readonly { readonly name: string; readonly type: string; readonly blobs: readonly NewBlob[] }[];
}

/**
 * Writes a .caffemodel, which appears complete or not at all.
 *
 * Throws a `cannot-write` {@link Failure}; a blob whose values are not as many as its shape says is a defect of the caller.
 */
export async function writeWeights(target: string, net: NewWeights): Promise<void> {
  const file = await createAtomicFile(target);
  try {
    for (const chunk of chunks(net)) await file.handle.writeFile(chunk);
  } catch (cause) {
    await file.discard();
    throw cause instanceof Failure || cause instanceof RangeError ? cause : fileFailure("cannot-write", target, cause);
  }
  await file.commit();
}

function* chunks(net: NewWeights): Generator<Uint8Array> {
  yield encodeBytesField(netFields.name, net.name);
  for (const layer of net.layers) {
    const heads = layer.blobs.map((blob) => blobHead(blob));
    const names = joinBytes([encodeBytesField(layerFields.V2.name, layer.name), encodeBytesField(layerFields.V2.type, layer.type)]);
    const total = heads.reduce((sum, { head, values }) => sum + head.length + values * 4, names.length);
    yield joinBytes([encodeHeader(netFields.layersV2, total), names]);
    for (const [i, blob] of layer.blobs.entries()) {
      yield heads[i]!.head;
      yield* values(blob);
    }
  }
}

/** Everything of a blob's field that comes before its values. */
function blobHead(blob: NewBlob): { head: Uint8Array; values: number } {
  const values = volume(blob.shape);
  const inside = joinBytes([encodeBytesField(blobFields.shape, encodeShape(blob.shape)), encodeHeader(blobFields.data, values * 4)]);
  return { head: joinBytes([encodeHeader(layerFields.V2.blobs, inside.length + values * 4), inside]), values };
}

function* values(blob: NewBlob): Generator<Uint8Array> {
  let written = 0;
  for (const data of typeof blob.data === "function" ? blob.data() : [blob.data]) {
    written += data.length;
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (written !== volume(blob.shape)) throw new RangeError(`${written} values for a blob of ${shapeText(blob.shape)}`);
}
