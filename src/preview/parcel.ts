import type { FromEngine } from "./protocol.ts";

/** The descriptor in the engine's process on which the bytes of parcels leave it. */
export const PARCELS = 4;

/**
 * A message of the engine on its way to the editor's process. Its pixels or values go beside it, as so many bytes: in a message they would be copied with every
 * 64 kB that arrive. An empty array of their type stands in their place.
 */
export interface Parcel {
  readonly message: FromEngine;
  readonly bytes: number;
}

/** The pixels or values of a message that brings any. */
export function contentOf(message: FromEngine): Uint8Array | Uint16Array | Float32Array | undefined {
  switch (message.type) {
    case "tile":
      return message.values;
    case "imageBand":
    case "imageOverview":
      return message.pixels;
    default:
      return undefined;
  }
}

export function pack(message: FromEngine): { readonly parcel: Parcel; readonly bytes: Uint8Array } {
  const content = contentOf(message);
  if (content === undefined) return { parcel: { message, bytes: 0 }, bytes: new Uint8Array(0) };
  const { buffer, byteOffset, byteLength } = content;
  return { parcel: { message: withContent(message, content.slice(0, 0)), bytes: byteLength }, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** The message as it was packed; `fill` gives the bytes that came beside it. */
export async function unpack({ message, bytes }: Parcel, fill: (into: Uint8Array) => Promise<void>): Promise<FromEngine> {
  const empty = contentOf(message);
  if (empty === undefined) return message;
  const { buffer } = new Uint8Array(bytes);
  await fill(new Uint8Array(buffer));
  return withContent(message, empty instanceof Float32Array ? new Float32Array(buffer) : empty instanceof Uint16Array ? new Uint16Array(buffer) : new Uint8Array(buffer));
}

function withContent(message: FromEngine, content: Uint8Array | Uint16Array | Float32Array): FromEngine {
  return { ...message, ...(message.type === "tile" ? { values: content } : { pixels: content }) } as FromEngine;
}
