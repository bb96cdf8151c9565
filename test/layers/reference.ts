/** Plain loops for what Caffe's layers compute, written from the formulas in their sources, to hold ONNX forms against. */

export interface Blob {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The sizes before, at and after an axis. */
function parts({ shape }: Blob, axis: number): [number, number, number] {
  return [volume(shape.slice(0, axis)), shape[axis]!, volume(shape.slice(axis + 1))];
}

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The values along an axis, for each place beside it. */
function lines(blob: Blob, axis: number): number[][] {
  const [outer, size, inner] = parts(blob, axis);
  return count(outer * inner).map((place) => count(size).map((i) => blob.data[(Math.floor(place / inner) * size + i) * inner + (place % inner)]!));
}

function unlines(rows: readonly (readonly number[])[], inner: number): number[] {
  const size = rows[0]?.length ?? 0;
  return count(rows.length * size).map((i) => rows[Math.floor(i / (size * inner)) * inner + (i % inner)]![Math.floor(i / inner) % size]!);
}

export function softmaxRows(blob: Blob, axis: number): number[][] {
  return lines(blob, axis).map((row) => {
    const largest = Math.max(...row);
    const exps = row.map((x) => Math.exp(x - largest));
    const sum = exps.reduce((a, b) => a + b, 0);
    return exps.map((x) => x / sum);
  });
}

export function softmax(blob: Blob, axis: number): number[] {
  return unlines(softmaxRows(blob, axis), parts(blob, axis)[2]);
}

/** The k largest with their places; of equal values the later first. */
function best(row: readonly number[], k: number): [number, number][] {
  return row.map((x, i): [number, number] => [x, i]).sort((a, b) => b[0] - a[0] || b[1] - a[1]).slice(0, k);
}

export function argMax(blob: Blob, axis: number | undefined, k: number, values: boolean): number[] {
  if (axis !== undefined) return unlines(lines(blob, axis).map((row) => best(row, k).map(([x, i]) => (values ? x : i))), parts(blob, axis)[2]);
  const size = volume(blob.shape.slice(1));
  return count(blob.shape[0]!).flatMap((n) => {
    const found = best(blob.data.slice(n * size, (n + 1) * size), k);
    return [...found.map(([, i]) => i), ...(values ? found.map(([x]) => x) : [])];
  });
}

export function accuracy(blob: Blob, labels: readonly number[], axis: number, k: number, ignore?: number): [number[], number[]] {
  const [right, all] = [new Map<number, number>(), new Map<number, number>()];
  lines(blob, axis).forEach((row, i) => {
    const label = Math.trunc(labels[i]!);
    if (label === ignore) return;
    all.set(label, (all.get(label) ?? 0) + 1);
    const better = row.filter((x) => x >= row[label]!).length - 1;
    if (better < k) right.set(label, (right.get(label) ?? 0) + 1);
  });
  const sum = (map: Map<number, number>): number => [...map.values()].reduce((a, b) => a + b, 0);
  return [[sum(all) === 0 ? 0 : sum(right) / sum(all)], count(blob.shape[axis]!).map((c) => (all.has(c) ? (right.get(c) ?? 0) / all.get(c)! : 0))];
}

export type Mode = "FULL" | "VALID" | "BATCH_SIZE" | "NONE";

export function divisor(mode: Mode, outer: number, inner: number, valid: number): number {
  return Math.max(1, { FULL: outer * inner, VALID: valid, BATCH_SIZE: outer, NONE: 1 }[mode]);
}

/** Softmax losses: `matrix` undefined for SoftmaxWithLoss, else the rows of H. */
export function softmaxLoss(blob: Blob, labels: readonly number[], axis: number, mode: Mode, ignore?: number, matrix?: readonly number[]): number {
  const [outer, classes, inner] = parts(blob, axis);
  let [loss, valid] = [0, 0];
  softmaxRows(blob, axis).forEach((row, i) => {
    const label = Math.trunc(labels[i]!);
    if (label === ignore) return;
    valid++;
    if (matrix === undefined) loss -= Math.log(Math.max(row[label]!, 1.17549435e-38));
    else row.forEach((p, l) => (loss -= matrix[label * classes + l]! * Math.log(Math.max(p, 1e-20))));
  });
  return loss / divisor(mode, outer, inner, valid);
}

export function sigmoidLoss(blob: Blob, targets: readonly number[], mode: Mode, ignore?: number): number {
  let [loss, valid] = [0, 0];
  blob.data.forEach((x, i) => {
    if (Math.trunc(targets[i]!) === ignore) return;
    valid++;
    loss -= x * (targets[i]! - (x >= 0 ? 1 : 0)) - Math.log(1 + Math.exp(x - 2 * x * (x >= 0 ? 1 : 0)));
  });
  return loss / divisor(mode, blob.shape[0]!, volume(blob.shape.slice(1)), valid);
}

export function hingeLoss({ shape, data }: Blob, labels: readonly number[], squared: boolean): number {
  const size = volume(shape.slice(1));
  const margins = data.map((x, i) => Math.max(0, 1 + (i % size === Math.trunc(labels[Math.floor(i / size)]!) ? -x : x)));
  return margins.reduce((sum, m) => sum + (squared ? m * m : m), 0) / shape[0]!;
}

export function contrastiveLoss({ shape, data }: Blob, other: readonly number[], similar: readonly number[], margin: number, legacy: boolean): number {
  const size = volume(shape.slice(1));
  let loss = 0;
  for (let n = 0; n < shape[0]!; n++) {
    const squared = count(size).reduce((sum, c) => sum + (data[n * size + c]! - other[n * size + c]!) ** 2, 0);
    if (Math.trunc(similar[n]!) !== 0) loss += squared;
    else loss += legacy ? Math.max(margin - squared, 0) : Math.max(margin - Math.sqrt(squared), 0) ** 2;
  }
  return loss / shape[0]! / 2;
}

export function reduction(blob: Blob, axis: number, operation: "SUM" | "ASUM" | "SUMSQ" | "MEAN", coeff: number): number[] {
  const size = volume(blob.shape.slice(axis));
  const of = { SUM: (x: number) => x, MEAN: (x: number) => x / size, ASUM: Math.abs, SUMSQ: (x: number) => x * x }[operation];
  return count(volume(blob.shape.slice(0, axis))).map((n) => coeff * blob.data.slice(n * size, (n + 1) * size).reduce((sum, x) => sum + of(x), 0));
}
