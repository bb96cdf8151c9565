/** A part of a moving picture: what changes, where, and for how long it is seen. */
export interface Frame {
  /** A WebP file of the part alone. */
  readonly webp: Buffer;
  /** Even numbers, as the format counts in twos. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** In milliseconds. */
  readonly duration: number;
}

/** The file of a moving picture that runs again and again. Source: WebP Container Specification, Extended File Format. */
export function animatedWebp(width: number, height: number, frames: readonly Frame[]): Buffer {
  const head = chunk("VP8X", Buffer.concat([Buffer.from([2, 0, 0, 0]), three(width - 1), three(height - 1)]));
  const parts = frames.map((frame) => {
    const place = [frame.left / 2, frame.top / 2, frame.width - 1, frame.height - 1, frame.duration].map(three);
    // Each part lies on what was there before, and takes its place.
    return chunk("ANMF", Buffer.concat([...place, Buffer.from([2]), picture(frame.webp)]));
  });
  const content = Buffer.concat([Buffer.from("WEBP"), head, chunk("ANIM", Buffer.alloc(6)), ...parts]);
  return chunk("RIFF", content);
}

/** The chunk of a file that holds the pixels, packed with loss or without. */
function picture(file: Buffer): Buffer {
  for (let at = 12; at < file.length; at += 8 + even(file.readUInt32LE(at + 4))) {
    if (/^VP8[ L]$/.test(file.toString("latin1", at, at + 4))) return file.subarray(at, at + 8 + even(file.readUInt32LE(at + 4)));
  }
  throw new Error("a WebP file without a picture");
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** A number in three bytes. */
function three(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(value, 0, 3);
  return bytes;
}

function even(size: number): number {
  return size + (size % 2);
}
