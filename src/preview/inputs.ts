import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative } from "node:path";
import { weightsComment } from "../ide/directives.ts";
import type { NetShapes } from "../net/shapes.ts";
import { isFile } from "../text/is-file.ts";
import { compareFile, wantedOf } from "../weights/belongs.ts";
import { liesOutside } from "../weights/outside.ts";
import type { FileChoice } from "./messages.ts";

/** Files beside a net that belong to it or may, the likeliest first. */
export interface Inputs {
  readonly weights: readonly FileChoice[];
  readonly images: readonly FileChoice[];
  readonly means: readonly FileChoice[];
  readonly labels?: FileChoice;
  /** A model that the net names and that lies neither beside it nor in the workspace: it is for the user to choose. */
  readonly outside?: string;
}

const images = /\.(png|jpe?g|tiff?)$/i;
/** Folders of photographs are not read to their end. */
const MOST = 500;

/**
 * What lies beside a net: models, images (also those one folder down), mean images and labels.txt.
 *
 * A model comes first that the net names (`# weights: PATH`), where it lies there or in one of `folders`, then that of `setting`, then that of the same name, then one whose shapes fit.
 */
export async function findInputs(net: string, shapes: NetShapes | undefined, setting: string, folders: readonly string[] = []): Promise<Inputs> {
  const folder = dirname(net);
  const here = await filesIn(folder);
  const below = (await Promise.all((await foldersIn(folder)).map(async (name) => (await filesIn(join(folder, name))).map((file) => join(name, file))))).flat();
  const choice = (path: string): FileChoice => ({ path, name: nameFrom(folder, path) });
  const all = (pattern: RegExp, names: readonly string[]): FileChoice[] => names.filter((name) => pattern.test(name)).sort(naturally).slice(0, MOST).map((name) => choice(join(folder, name)));
  const labels = here.find((name) => /^labels\.txt$/i.test(name));
  const named = shapes === undefined ? undefined : weightsComment(shapes.net.document.tree)?.path;
  const commented = named === undefined || isAbsolute(named) ? named : join(folder, named);
  const outside = commented !== undefined && (await liesOutside(commented, [folder, ...folders]));
  return {
    weights: (await rank(net, shapes, [outside ? undefined : commented, setting === "" ? undefined : setting], here.filter((name) => name.endsWith(".caffemodel")))).map(choice),
    images: [...all(images, here), ...all(images, below)],
    means: all(/\.binaryproto$/i, here),
    ...(labels !== undefined && { labels: choice(join(folder, labels)) }),
    ...(outside && { outside: commented }),
  };
}

/** How a file is shown: by its path from the net's folder where it lies in it. */
export function nameFrom(folder: string, path: string): string {
  const from = relative(folder, path);
  return from.startsWith("..") || isAbsolute(from) ? basename(path) : from.replaceAll("\\", "/");
}

async function rank(net: string, shapes: NetShapes | undefined, wanted: readonly (string | undefined)[], models: readonly string[]): Promise<string[]> {
  const folder = dirname(net);
  const named = wanted.filter((path) => path !== undefined).map((path) => (isAbsolute(path) ? path : join(folder, path)));
  const existing = [];
  for (const path of named) if (await isFile(path)) existing.push(path);
  const own = `${basename(net, extname(net))}.caffemodel`;
  const others = [];
  for (const name of [...models].sort(naturally)) {
    const path = join(folder, name);
    const fits = name === own ? 0 : shapes !== undefined && (await isOf(path, shapes)) ? 1 : 2;
    others.push({ path, fits });
  }
  // Which of two that do not fit is meant cannot be known; they are listed all the same.
  return [...new Set([...existing, ...others.sort((a, b) => a.fits - b.fits).map(({ path }) => path)])];
}

/** True where the model's layers and shapes are those of the net. */
export async function isOf(path: string, shapes: NetShapes): Promise<boolean> {
  const verdict = (await compareFile(path, wantedOf(shapes)))?.verdict;
  return verdict !== undefined && verdict !== "different nets";
}

/** The lines of a file of labels, one per class; what else the class may be called after a comma stays. Throws a Failure. */
export async function readLabels(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name)).map(({ name }) => name).slice(0, 20);
}

function naturally(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
