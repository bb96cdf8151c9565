let table: Float32Array | undefined;

/** Half-precision numbers (IEEE 754 binary16, as their bits) as single precision; exact. */
export function halfToFloat(halves: Uint16Array, target: Float32Array): void {
  table ??= makeTable();
  for (let i = 0; i < halves.length; i++) target[i] = table[halves[i]!]!;
}

function makeTable(): Float32Array {
  const values = new Float32Array(1 << 16);
  for (let bits = 0; bits < values.length; bits++) values[bits] = valueOf(bits);
  return values;
}

function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
