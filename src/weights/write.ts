import { createAtomicFile } from "../text/atomic.ts";
import { fileFailure } from "../text/failure.ts";
import { blobFields, layerFields, netFields, shapeDimField } from "./layout.ts";
import { encodeBytesField, encodeHeader, encodeVarint, joinBytes } from "./wire.ts";

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

/** Writes a .caffemodel, which appears complete or not at all. Throws a `cannot-write` Failure. */
export async function writeWeights(target: string, net: NewWeights): Promise<void> {
  const file = await createAtomicFile(target);
  try {
    for (const chunk of chunks(net)) await file.handle.writeFile(chunk);
  } catch (cause) {
    await file.discard();
    throw fileFailure("cannot-write", target, cause);
  }
  await file.commit();
}

function* chunks(net: NewWeights): Generator<Uint8Array> {
  yield encodeBytesField(netFields.name, net.name);
  for (const layer of net.layers) {
    const heads = layer.blobs.map((blob) => {
      const bytes = blob.shape.reduce((product, d) => product * d, 4);
      const head = joinBytes([encodeBytesField(blobFields.shape, encodeBytesField(shapeDimField, joinBytes(blob.shape.map(encodeVarint)))), encodeHeader(blobFields.data, bytes)]);
      return { head, length: head.length + bytes };
    });
    const names = joinBytes([encodeBytesField(layerFields.V2.name, layer.name), encodeBytesField(layerFields.V2.type, layer.type)]);
    const blobHeaders = heads.map(({ length }) => encodeHeader(layerFields.V2.blobs, length));
    const total = heads.reduce((sum, { length }, i) => sum + length + blobHeaders[i]!.length, names.length);
    yield joinBytes([encodeHeader(netFields.layersV2, total), names]);
    for (const [i, blob] of layer.blobs.entries()) {
      yield joinBytes([blobHeaders[i]!, heads[i]!.head]);
      for (const data of typeof blob.data === "function" ? blob.data() : [blob.data]) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    }
  }
}
