/** A count with thousands separators: `88,226`. */
export function count(n: number): string {
  // The formatter of the language itself takes ten milliseconds to load, of a program that starts in a hundred.
  return Number.isFinite(n) ? String(Math.round(n)).replace(/\B(?=(?:\d{3})+$)/g, ",") : "?";
}

/** A count with its noun, in the plural where it needs one: `1 layer`, `3 layers`. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}

/** A large count in short: `950`, `88.2 k`, `2.2 M`, `1.4 G`. */
export function shortCount(n: number): string {
  if (!Number.isFinite(n)) return "?";
  return n < 1e3 ? String(n) : scaled(n, [["k", 1e3], ["M", 1e6], ["G", 1e9]]);
}

/** A size in bytes, in decimal units: `354 KB`, `1.2 GB`. */
export function bytes(n: number): string {
  if (!Number.isFinite(n)) return "?";
  if (n < 1e3) return `${n} bytes`;
  return Math.round(n / 1e3) < 1e3 ? `${Math.round(n / 1e3)} KB` : scaled(n, [["MB", 1e6], ["GB", 1e9]]);
}

/** The number in the first unit in which it rounds to less than a thousand, else in the last. */
function scaled(n: number, units: readonly (readonly [unit: string, size: number])[]): string {
  const [unit, size] = units.find((candidate) => Number((n / candidate[1]).toFixed(1)) < 1e3) ?? units.at(-1)!;
  return `${(n / size).toFixed(1)} ${unit}`;
}

/** A time: `85 ms`, `3.9 s`, `12 min`, `2.5 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (Math.round(seconds * 1000) < 1000) return `${Math.round(seconds * 1000)} ms`;
  if (Number(seconds.toFixed(1)) < 120) return `${seconds.toFixed(1)} s`;
  if (Math.round(seconds / 60) < 120) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Names in quotes, joined as in a sentence: `'a', 'b' and 'c'`. */
export function list(names: readonly string[], joint = "and"): string {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} ${joint} ${quoted.at(-1)!}`;
}

/** The candidate closest to a misspelt word, or undefined where none is close (a third of its letters, at least one, may differ). */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const letters = letterSet(wanted);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const lower = candidate.toLowerCase();
    const others = letterSet(lower);
    // Each letter that only one of the two has is a difference.
    if (bitCount(letters & ~others) >= bestDistance || bitCount(others & ~letters) >= bestDistance) continue;
    const distance = editDistance(wanted, lower, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
    if (distance === 0) break;
  }
  return best;
}

/** The letters of a word as a set of 32 bits; several letters may share a bit. */
function letterSet(word: string): number {
  let set = 0;
  for (let i = 0; i < word.length; i++) set |= 1 << (word.charCodeAt(i) & 31);
  return set;
}

function bitCount(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Damerau-Levenshtein distance (adjacent letters swapped count once); `limit` where it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  const width = b.length + 1;
  if (rows.length < 3 * width) rows = new Uint32Array(6 * width);
  // Three rows of the table, in turn.
  let [before, previous, row] = [0, width, 2 * width];
  for (let j = 0; j < width; j++) rows[previous + j] = j;
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1);
    rows[row] = i;
    let least = i;
    for (let j = 1; j < width; j++) {
      const same = letter === b.charCodeAt(j - 1) ? 0 : 1;
      let d = Math.min(rows[previous + j]! + 1, rows[row + j - 1]! + 1, rows[previous + j - 1]! + same);
      if (i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) d = Math.min(d, rows[before + j - 2]! + 1);
      rows[row + j] = d;
      if (d < least) least = d;
    }
    if (least >= limit) return limit;
    [before, previous, row] = [previous, row, before];
  }
  return rows[previous + b.length]!;
}

let rows = new Uint32Array(256);

/** Text from a file as it may be shown on a terminal or in a sentence: control characters, line ends among them, and marks that turn the direction of writing replaced. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}
