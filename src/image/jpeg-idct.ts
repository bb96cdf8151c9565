/**
 * Writes the 8 x 8 samples of a block into `plane` at `at`, `stride` bytes a row.
 *
 * `coefficients` from `from` on are in natural order, not yet multiplied by `quantization`. The integer transform of libjpeg
 * (jidctint.c, "islow"; Loeffler, Ligtenberg and Moschytz 1989), bit for bit: what OpenCV, and Caffe through it, gets.
 */
export function inverseDct(
  coefficients: Int16Array,
  from: number,
  quantization: Int32Array,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  for (let i = 0; i < 8; i++) {
    const c = from + i;
    const k1 = coefficients[c + 8]!;
    const k2 = coefficients[c + 16]!;
    const k3 = coefficients[c + 24]!;
    const k4 = coefficients[c + 32]!;
    const k5 = coefficients[c + 40]!;
    const k6 = coefficients[c + 48]!;
    const k7 = coefficients[c + 56]!;
    const dc = Math.imul(coefficients[c]!, quantization[i]!);
    if ((k1 | k2 | k3 | k4 | k5 | k6 | k7) === 0) {
      const flat = dc << PASS1_BITS;
      for (let row = i; row < 64; row += 8) work[row] = flat;
      continue;
    }
    lines(
      dc,
      Math.imul(k1, quantization[i + 8]!),
      Math.imul(k2, quantization[i + 16]!),
      Math.imul(k3, quantization[i + 24]!),
      Math.imul(k4, quantization[i + 32]!),
      Math.imul(k5, quantization[i + 40]!),
      Math.imul(k6, quantization[i + 48]!),
      Math.imul(k7, quantization[i + 56]!),
    );
    for (let row = 0; row < 8; row++) work[i + row * 8] = (line[row]! + (1 << (SHIFT1 - 1))) >> SHIFT1;
  }
  for (let row = 0, out = at; row < 64; row += 8, out += stride) {
    const first = work[row]!;
    const w1 = work[row + 1]!;
    const w2 = work[row + 2]!;
    const w3 = work[row + 3]!;
    const w4 = work[row + 4]!;
    const w5 = work[row + 5]!;
    const w6 = work[row + 6]!;
    const w7 = work[row + 7]!;
    if ((w1 | w2 | w3 | w4 | w5 | w6 | w7) === 0) {
      const flat = clamp(((first + (1 << (PASS1_BITS + 2))) >> (PASS1_BITS + 3)) + 128);
      plane.fill(flat, out, out + 8);
      continue;
    }
    lines(first, w1, w2, w3, w4, w5, w6, w7);
    for (let x = 0; x < 8; x++) plane[out + x] = clamp(((line[x]! + (1 << (SHIFT2 - 1))) >> SHIFT2) + 128);
  }
}

/** As {@link inverseDct} for a block of nothing but its first coefficient: one value everywhere. */
export function inverseDctFlat(first: number, quantization: Int32Array, plane: Uint8Array, at: number, stride: number): void {
  const dc = Math.imul(first, quantization[0]!) << PASS1_BITS;
  const flat = clamp(((dc + (1 << (PASS1_BITS + 2))) >> (PASS1_BITS + 3)) + 128);
  for (let row = 0, out = at; row < 8; row++, out += stride) plane.fill(flat, out, out + 8);
}

const CONST_BITS = 13;
const PASS1_BITS = 2;
const SHIFT1 = CONST_BITS - PASS1_BITS;
const SHIFT2 = CONST_BITS + PASS1_BITS + 3;

const work = new Int32Array(64);
const line = new Int32Array(8);

/** One 8-point transform into `line`, scaled up by 2^CONST_BITS. The numbers are cosines in 13-bit fixed point. */
function lines(k0: number, k1: number, k2: number, k3: number, k4: number, k5: number, k6: number, k7: number): void {
  const e1 = Math.imul(k2 + k6, 4433);
  const e2 = (e1 - Math.imul(k6, 15137)) | 0;
  const e3 = (e1 + Math.imul(k2, 6270)) | 0;
  const s0 = (k0 + k4) << CONST_BITS;
  const s1 = (k0 - k4) << CONST_BITS;
  const t0 = (s0 + e3) | 0;
  const t3 = (s0 - e3) | 0;
  const t1 = (s1 + e2) | 0;
  const t2 = (s1 - e2) | 0;

  const z5 = Math.imul(k7 + k3 + k5 + k1, 9633);
  const z1 = Math.imul(k7 + k1, -7373);
  const z2 = Math.imul(k5 + k3, -20995);
  const z3 = (Math.imul(k7 + k3, -16069) + z5) | 0;
  const z4 = (Math.imul(k5 + k1, -3196) + z5) | 0;
  const o0 = (Math.imul(k7, 2446) + z1 + z3) | 0;
  const o1 = (Math.imul(k5, 16819) + z2 + z4) | 0;
  const o2 = (Math.imul(k3, 25172) + z2 + z3) | 0;
  const o3 = (Math.imul(k1, 12299) + z1 + z4) | 0;

  line[0] = t0 + o3;
  line[7] = t0 - o3;
  line[1] = t1 + o2;
  line[6] = t1 - o2;
  line[2] = t2 + o1;
  line[5] = t2 - o1;
  line[3] = t3 + o0;
  line[4] = t3 - o0;
}

function clamp(sample: number): number {
  return sample < 0 ? 0 : sample > 255 ? 255 : sample;
}
