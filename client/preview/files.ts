import * as vscode from "vscode";
import type { ExportFile } from "../../src/preview/export-all.ts";
import type { ExportFormat, ExportRequest, ToHost } from "../../src/preview/messages.ts";

type What = Extract<ToHost, { readonly type: "choose" }>["what"];

const endings: Readonly<Record<What, readonly string[]>> = {
  weights: ["caffemodel"],
  image: ["png", "jpg", "jpeg", "tif", "tiff"],
  mean: ["binaryproto"],
  labels: ["txt"],
};

/** Asks for a file that the net of `beside` is to be shown with. */
export async function chooseFile(what: What, beside: vscode.Uri): Promise<string | undefined> {
  const titles: Readonly<Record<What, string>> = {
    weights: vscode.l10n.t("The Net's Weights"),
    image: vscode.l10n.t("An Image to Segment"),
    mean: vscode.l10n.t("A Mean Image"),
    labels: vscode.l10n.t("Names of the Classes, One a Line"),
  };
  const files = await vscode.window.showOpenDialog({ title: titles[what], filters: { [titles[what]]: [...endings[what]] }, defaultUri: vscode.Uri.joinPath(beside, "..") });
  return files?.[0]?.fsPath;
}

/** What dropped files are, by their names. Those that come without an address are kept in the extension's storage. */
export async function droppedFiles(
  { uris, files = [] }: Extract<ToHost, { readonly type: "dropped" }>, storage: vscode.Uri,
): Promise<readonly { readonly what: What; readonly path: string }[]> {
  const found: { what: What; path: string }[] = [];
  const unknown: string[] = [];
  for (const text of uris) {
    const uri = vscode.Uri.parse(text);
    const what = kindOf(uri.path);
    // In a remote window the explorer's files are named as those of the remote machine, which is this one.
    if (what === undefined || (uri.scheme !== "file" && uri.scheme !== "vscode-remote")) unknown.push(uri.path.split("/").at(-1)!);
    else found.push({ what, path: uri.fsPath });
  }
  for (const { name, bytes } of files) {
    const what = kindOf(name);
    // The name comes from outside: only its last part may count.
    const target = vscode.Uri.joinPath(storage, "dropped", name.split(/[\\/]/).at(-1)!);
    if (what === undefined) unknown.push(name);
    else {
      await vscode.workspace.fs.writeFile(target, bytes);
      found.push({ what, path: target.fsPath });
    }
  }
  if (unknown.length > 0) throw new Error(vscode.l10n.t("{0}: not a model, an image, a mean image or a list of labels.", unknown.join(", ")));
  return found;
}

function kindOf(name: string): What | undefined {
  const ending = name.toLowerCase().split(".").at(-1)!;
  return (Object.keys(endings) as What[]).find((what) => endings[what].includes(ending));
}

const exports: Readonly<Record<ExportFormat, { readonly ending: string; readonly suffix: (request: ExportRequest) => string }>> = {
  "png-grey": { ending: "png", suffix: ({ kind }) => kind },
  "png-colour": { ending: "png", suffix: ({ kind, colourMap }) => `${kind}_${colourMap}` },
  "png-mask": { ending: "png", suffix: ({ kind }) => `${kind}_mask` },
  "tiff-float": { ending: "tif", suffix: ({ kind }) => kind },
  geojson: { ending: "geojson", suffix: ({ kind }) => kind },
  figure: { ending: "png", suffix: () => "figure" },
};

const names: Readonly<Record<Exclude<ExportFormat, "figure">, string>> = {
  "png-grey": vscode.l10n.t("Grey PNG"),
  "png-colour": vscode.l10n.t("Coloured PNG"),
  "tiff-float": vscode.l10n.t("32-bit Float TIFF"),
  "png-mask": vscode.l10n.t("Mask PNG"),
  geojson: vscode.l10n.t("GeoJSON Contours"),
};

/** Asks in which format and folder the maps of several images are to be written, and whether files that are there may be replaced; undefined where the user does not want to. */
export async function exportPaths(
  { images, ...look }: Extract<ToHost, { readonly type: "exportAll" }>, beside: vscode.Uri,
): Promise<{ readonly files: readonly ExportFile[]; readonly request: ExportRequest } | undefined> {
  const title = vscode.l10n.t("The Maps of {0} Images", images.length);
  const formats = (Object.keys(names) as (keyof typeof names)[]).map((format) => ({ label: names[format], format }));
  const chosen = await vscode.window.showQuickPick(formats, { title, placeHolder: vscode.l10n.t("Format") });
  if (chosen === undefined) return undefined;
  const [folder] = (await vscode.window.showOpenDialog({ title, openLabel: vscode.l10n.t("Write Here"), canSelectFiles: false, canSelectFolders: true, defaultUri: vscode.Uri.joinPath(beside, "..") })) ?? [];
  if (folder === undefined) return undefined;
  const request: ExportRequest = { ...look, type: "export", format: chosen.format };
  const targets = exportNames(images.map(({ path }) => vscode.Uri.file(path)), request).map((name) => vscode.Uri.joinPath(folder, name));
  if (!(await mayReplace(targets))) return undefined;
  return { request, files: images.map(({ path, name }, i) => ({ image: path, name, path: targets[i]!.fsPath })) };
}

/** A name for the map of each image; images that differ in their endings alone keep them. */
function exportNames(images: readonly vscode.Uri[], request: ExportRequest): string[] {
  const { ending, suffix } = exports[request.format];
  const stems = images.map(stemOf);
  return images.map((image, i) => {
    const stem = stems.indexOf(stems[i]!) === stems.lastIndexOf(stems[i]!) ? stems[i]! : image.path.split("/").at(-1)!.replaceAll(".", "_");
    return `${stem}_${suffix(request)}.${ending}`;
  });
}

async function mayReplace(targets: readonly vscode.Uri[]): Promise<boolean> {
  const there = (await Promise.all(targets.map((target) => vscode.workspace.fs.stat(target).then(() => [target], () => [])))).flat();
  if (there.length === 0) return true;
  const replace = vscode.l10n.t("Replace");
  const question = vscode.l10n.t("{0} of the files are there already: {1}. Replace them?", there.length, there.slice(0, 3).map((uri) => uri.path.split("/").at(-1)!).join(", "));
  return (await vscode.window.showWarningMessage(question, { modal: true }, replace)) === replace;
}

function stemOf(file: vscode.Uri): string {
  return file.path.split("/").at(-1)!.replace(/\.[^.]*$/, "");
}

/** Asks where a map is to be written; the image's name with what it is behind is proposed. */
export async function exportPath(request: ExportRequest, image: vscode.Uri): Promise<vscode.Uri | undefined> {
  const { ending, suffix } = exports[request.format];
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("Export"),
    defaultUri: vscode.Uri.joinPath(image, "..", `${stemOf(image)}_${suffix(request)}.${ending}`),
    filters: { [ending.toUpperCase()]: [ending] },
  });
}
