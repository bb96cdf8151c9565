/** A Huffman table of a JPEG file, made for decoding. */
export interface HuffmanTable {
  /** By the next {@link LOOK} bits: `length << 8 | symbol`, or 0 where the code is longer or none. */
  readonly short: Uint16Array;
  /** By length: the largest code of that length, aligned to 16 bits, plus one. */
  readonly limit: Int32Array;
  /** By length: what to add to a code to get the index of its symbol. */
  readonly shift: Int32Array;
  readonly symbols: Uint8Array;
}

/** The table of `counts[i]` codes of length i + 1, or undefined where there are more codes than fit. Source: ITU T.81, annex C. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const short = new Uint16Array(1 << LOOK);
  const limit = new Int32Array(18).fill(0x10000, 17);
  const shift = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    shift[length] = index - code;
    for (let i = 0; i < counts[length - 1]!; i++, code++, index++) {
      if (length > LOOK) continue;
      const first = code << (LOOK - length);
      short.fill((length << 8) | symbols[index]!, first, first + (1 << (LOOK - length)));
    }
    if (code > 1 << length) return undefined;
    limit[length] = code << (16 - length);
  }
  return { short, limit, shift, symbols };
}

const LOOK = 9;

/** Reads the entropy-coded bits between two markers; what lies beyond the next marker reads as zeros and is counted. */
export interface BitReader {
  readonly data: Uint8Array;
  /** For messages. */
  readonly file: string;
  /** The next byte to take in. Stops at the next marker. */
  at: number;
  bits: number;
  /** How many of `bits` are still unread. */
  count: number;
  /** Zero bits taken in beyond the marker. More of them than `count` means that some were read. */
  missing: number;
}

export function bitReader(data: Uint8Array, at: number, file: string): BitReader {
  return { data, file, at, bits: 0, count: 0, missing: 0 };
}

/** True when more was read than the file holds. */
export function isExhausted(reader: BitReader): boolean {
  return reader.missing > reader.count;
}

/** The next `n` bits, 1 to 16, as a number. */
export function readBits(reader: BitReader, n: number): number {
  if (reader.count < n) fill(reader);
  reader.count -= n;
  return (reader.bits >>> reader.count) & ((1 << n) - 1);
}

/** The next `n` bits as a signed value of that magnitude class. Source: ITU T.81, F.2.2.1, EXTEND. */
export function readSigned(reader: BitReader, n: number): number {
  const value = readBits(reader, n);
  return value < 1 << (n - 1) ? value - (1 << n) + 1 : value;
}

/** The symbol of the next code, or -1 where the bits are no code. */
export function readSymbol(reader: BitReader, table: HuffmanTable): number {
  if (reader.count < 16) fill(reader);
  const entry = table.short[(reader.bits >>> (reader.count - LOOK)) & ((1 << LOOK) - 1)]!;
  if (entry !== 0) {
    reader.count -= entry >> 8;
    return entry & 255;
  }
  const next = (reader.bits >>> (reader.count - 16)) & 0xffff;
  let length = LOOK + 1;
  while (next >= table.limit[length]!) length++;
  if (length > 16) return -1;
  reader.count -= length;
  return table.symbols[(next >> (16 - length)) + table.shift[length]!] ?? -1;
}

function fill(reader: BitReader): void {
  const { data } = reader;
  while (reader.count <= 24) {
    let byte = reader.at < data.length ? data[reader.at]! : -1;
    if (byte === 0xff) {
      // FF 00 stands for FF; FF and anything else is a marker, where the data ends.
      if (data[reader.at + 1] === 0) reader.at++;
      else byte = -1;
    }
    if (byte < 0) {
      byte = 0;
      reader.missing += 8;
    } else reader.at++;
    reader.bits = (reader.bits << 8) | byte;
    reader.count += 8;
  }
}
