/**
 * The bytes of an LZW-packed TIFF block, at most `length` of them; fewer where the block breaks off or is wrong.
 *
 * Codes run from the high bits down, 9 to 12 of them, and grow one entry early. Source: TIFF 6.0, section 13.
 */
export function unpackLzw(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  // Every entry of the table is a run of what was put out before: where it starts and how long it is.
  const starts = new Int32Array(TABLE_SIZE);
  const lengths = new Int32Array(TABLE_SIZE);
  let next = FIRST_FREE;
  let bits = 9;
  let previous = -1;
  let done = 0;
  let held = 0;
  let count = 0;
  for (let at = 0; done < length; ) {
    while (count < bits && at < packed.length) {
      held = ((held << 8) | packed[at++]!) & 0xffffff;
      count += 8;
    }
    if (count < bits) break;
    count -= bits;
    const code = (held >> count) & ((1 << bits) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST_FREE;
      bits = 9;
      previous = -1;
      continue;
    }
    const start = done;
    if (code < 256) out[done++] = code;
    else if (code < next) done = copyRun(out, starts[code]!, lengths[code]!, done);
    else if (code === next && previous >= 0) done = copyRun(out, previous, start - previous + 1, done);
    else break;
    if (previous >= 0 && next < TABLE_SIZE) {
      // The last run and the first byte of this one: they lie one behind the other already.
      starts[next] = previous;
      lengths[next] = start - previous + 1;
      next++;
      if (next + 1 >= 1 << bits && bits < 12) bits++;
    }
    previous = start;
  }
  return out.subarray(0, Math.min(done, length));
}

/** The bytes of a PackBits-packed TIFF block, at most `length` of them; fewer where it breaks off. Source: TIFF 6.0, section 9. */
export function unpackBits(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let done = 0;
  for (let at = 0; at < packed.length && done < length; ) {
    const head = packed[at++]!;
    if (head < 128) {
      const literal = packed.subarray(at, Math.min(at + head + 1, at + length - done));
      out.set(literal, done);
      done += literal.length;
      at += head + 1;
    } else if (head > 128 && at < packed.length) {
      out.fill(packed[at++]!, done, done + 257 - head);
      done += 257 - head;
    }
  }
  return out.subarray(0, Math.min(done, length));
}

const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const TABLE_SIZE = 4096;

/** Copies a run that may reach into what it writes; gives the position after it. */
function copyRun(out: Uint8Array, from: number, length: number, to: number): number {
  const end = Math.min(to + length, out.length);
  for (let i = to; i < end; i++) out[i] = out[from + i - to]!;
  return to + length;
}
