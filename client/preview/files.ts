import * as vscode from "vscode";
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

/** Asks where a map is to be written; the image's name with what it is behind is proposed. */
export async function exportPath(request: ExportRequest, image: vscode.Uri): Promise<vscode.Uri | undefined> {
  const { ending, suffix } = exports[request.format];
  const stem = image.path.split("/").at(-1)!.replace(/\.[^.]*$/, "");
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("Export"),
    defaultUri: vscode.Uri.joinPath(image, "..", `${stem}_${suffix(request)}.${ending}`),
    filters: { [ending.toUpperCase()]: [ending] },
  });
}
