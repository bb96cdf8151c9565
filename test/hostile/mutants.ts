import fc from "fast-check";

/** Texts made from good ones by the mistakes of people and of machines: tokens dropped, doubled, swapped, numbers that make no sense, pieces of other texts. */
export function textMutants(seeds: readonly string[]): fc.Arbitrary<string> {
  const strings = [...new Set(seeds.flatMap((seed) => seed.match(/"[^"\n]*"/g) ?? []))];
  const change = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("number" as const), at: fc.nat(), value: fc.constantFrom(...absurdNumbers) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("string" as const), at: fc.nat(), value: fc.constantFrom(...strings, ...absurdStrings) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("drop" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("double" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("swap" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("put" as const), at: fc.nat(), value: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 })) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("splice" as const), at: fc.nat(), other: fc.nat(), from: fc.nat(), length: fc.integer({ min: 1, max: 60 }) }) },
  );
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 8 })).map(([seed, changes]) => {
    let tokens = tokensOf(seed);
    for (const change of changes) {
      if (tokens.length === 0) break;
      const at = change.at % tokens.length;
      if (change.kind === "number" || change.kind === "string") {
        const pattern = change.kind === "number" ? /^-?[\d.]/ : /^["']/;
        const places = tokens.flatMap((token, i) => (pattern.test(token) ? [i] : []));
        if (places.length > 0) tokens = tokens.with(places[change.at % places.length]!, change.value);
      } else if (change.kind === "drop") tokens = tokens.toSpliced(at, change.length);
      else if (change.kind === "double") tokens = tokens.toSpliced(at, 0, ...tokens.slice(at, at + change.length));
      else if (change.kind === "put") tokens = tokens.toSpliced(at, 0, change.value);
      else if (change.kind === "swap") tokens = [...tokens.slice(0, at), ...tokens.slice(at + change.length), ...tokens.slice(at, at + change.length)];
      else {
        const other = tokensOf(seeds[change.other % seeds.length]!);
        const from = change.from % Math.max(1, other.length);
        tokens = tokens.toSpliced(at, 0, ...other.slice(from, from + change.length));
      }
    }
    return tokens.join("");
  });
}

/** Files made from good ones: bits flipped, numbers set to their extremes, cut short, pieces left out, doubled, and of other files. */
export function byteMutants(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  // Headers decide most, so half of the changes go to the first bytes.
  const at = fc.oneof(fc.nat(120), fc.nat());
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("byte" as const), at, value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.nat(255)) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("word" as const), at, value: fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 65_535, 65_536), big: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), at, length: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("put" as const), at, bytes: fc.uint8Array({ maxLength: 16 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("splice" as const), at, other: fc.nat(), from: fc.nat(), length: fc.integer({ min: 1, max: 400 }) }) },
  );
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 })).map(([seed, changes]) => {
    let bytes = Uint8Array.from(seed);
    for (const change of changes) {
      if (bytes.length === 0) break;
      const at = change.at % bytes.length;
      if (change.kind === "flip") bytes[at]! ^= 1 << change.bit;
      else if (change.kind === "byte") bytes[at] = change.value;
      else if (change.kind === "word") {
        if (at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, change.value, !change.big);
      } else if (change.kind === "cut") bytes = bytes.slice(0, at);
      else if (change.kind === "drop") bytes = joined(bytes.subarray(0, at), bytes.subarray(at + change.length));
      else if (change.kind === "put") bytes = joined(bytes.subarray(0, at), change.bytes, bytes.subarray(at));
      else {
        const other = seeds[change.other % seeds.length]!;
        const from = change.from % Math.max(1, other.length);
        bytes = joined(bytes.subarray(0, at), other.subarray(from, from + change.length), bytes.subarray(at));
      }
    }
    return bytes;
  });
}

/** A protobuf message of fields from `numbers`, nested, with lengths that may lie: what a model looks like to a reader, and nothing else of it. */
export function wireMessages(numbers: readonly number[]): fc.Arbitrary<Uint8Array> {
  const tie = fc.letrec<{ message: Uint8Array; field: Uint8Array }>((tie) => ({
    message: fc.array(tie("field"), { maxLength: 6 }).map((fields) => joined(...fields)),
    field: fc
      .record({
        number: fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...numbers) }, { weight: 1, arbitrary: fc.nat(2 ** 29 - 1) }),
        value: fc.oneof(
          { depthSize: "small" },
          fc.record({ wire: fc.constant(0), bytes: fc.constantFrom(0, 1, 2, 7, 2 ** 31 - 1, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64 - 1).map((n) => varint(BigInt(n))) }),
          fc.record({ wire: fc.constantFrom(1, 5), bytes: fc.uint8Array({ minLength: 4, maxLength: 8 }) }),
          fc.record({ wire: fc.constantFrom(3, 4, 6, 7), bytes: fc.constant(new Uint8Array(0)) }),
          fc.string({ maxLength: 8 }).map((text) => ({ wire: 2, bytes: sized(new TextEncoder().encode(text), 0) })),
          fc.record({ content: fc.uint8Array({ maxLength: 24 }), lie: lies }).map(({ content, lie }) => ({ wire: 2, bytes: sized(content, lie) })),
          fc.record({ content: tie("message"), lie: lies }).map(({ content, lie }) => ({ wire: 2, bytes: sized(content, lie) })),
        ),
      })
      .map(({ number, value }) => joined(varint(BigInt(number * 8 + value.wire)), value.bytes)),
  }));
  return tie.message;
}

const lies = fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1, 100, 2 ** 20, 2 ** 31, 2 ** 40) });

function sized(content: Uint8Array, lie: number): Uint8Array {
  return joined(varint(BigInt(Math.max(0, content.length + lie))), content);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value & (2n ** 64n - 1n); ; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return Uint8Array.from(bytes);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

function tokensOf(text: string): string[] {
  return text.match(/"[^"\n]*"|'[^'\n]*'|-?[\d.]+\w*|\w+|\s+|#[^\n]*|[^]/g) ?? [];
}

const absurdNumbers = [
  "0", "1", "-1", "2", "3", "7", "100", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296", "9223372036854775807",
  "18446744073709551616", "1e308", "1e-300", "inf", "-inf", "nan", "0x7fffffff", "010", "1.5", "99999999999999999999999999999", "-0", "1000000",
];
const absurdStrings = ['""', '"__proto__"', '"constructor"', '"toString"', '"a\\000b"', '"\\377"', "'it\\'s'", '"é\u202e"', '"<img src=x>"', '"*a* `b` [c](d)"', '"data"', '"%(x)s"', '"/etc/passwd"'];
const pieces = [
  "{", "}", "<", ">", "[", "]", ":", ",", ";", "-", '"', "'", "#", "\n", "\r\n", "\u0000", "\ufeff", "//", "layer {", "layers {", 'layer { type: "ReLU" bottom: "data" top: "data" }\n',
  'input: "data"\n', "input_dim: 1\n", "input_shape { dim: 1 }\n", 'type: "InnerProduct" inner_product_param { num_output: 3 }', 'type: "Reshape" reshape_param { shape { dim: -1 dim: 0 } }',
  "include { phase: TRAIN }\n", "axis: -1 ", "group: 0 ", "pad: 5 ", "global_pooling: true ", "# netsurgeon-disable\n", "# proto-dialect: segnet\n", "# weights: ../../x\n", "__proto__ { a: 1 }", 'test_state { stage: "x" }',
];
