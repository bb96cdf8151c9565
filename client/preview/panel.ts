import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { readLimits } from "../../src/text/limits.ts";
import type { ExportRequest, Settings, ToHost } from "../../src/preview/messages.ts";
import type { FromEngine, NetReading } from "../../src/preview/protocol.ts";
import { page } from "../../webview/page.ts";
import type { Shell } from "../commands.ts";
import { startPreviewEngine } from "./engine.ts";
import { chooseFile, droppedFiles, exportPath, exportPaths } from "./files.ts";
import { pacedPost } from "./paced.ts";
import { watchNet } from "./watch.ts";

export const viewType = "netsurgeon.preview";

/** An open preview. */
export interface Preview {
  readonly panel: vscode.WebviewPanel;
  /** What its engine says, once the webview has it. */
  readonly onMessage: vscode.Event<FromEngine>;
}

/** Open previews, by the address of their net. */
const previews = new Map<string, Preview>();

/** Shows the preview of a net beside its text; one that is open already comes to the front. */
export function showPreview(shell: Shell, document: vscode.TextDocument): Preview {
  const known = previews.get(document.uri.toString());
  if (known !== undefined) {
    known.panel.reveal();
    return known;
  }
  const panel = vscode.window.createWebviewPanel(viewType, "", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false }, {
    // Maps of millions of pixels are not sent again each time another tab is looked at.
    retainContextWhenHidden: true,
  });
  return fillPanel(shell, panel, document);
}

/** Gives previews back after a reload of the window. */
export function restorePreviews(shell: Shell): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(viewType, {
    async deserializeWebviewPanel(panel, state: { readonly uri?: unknown } | undefined) {
      try {
        if (typeof state?.uri !== "string") throw new Error("no net");
        fillPanel(shell, panel, await vscode.workspace.openTextDocument(vscode.Uri.parse(state.uri)));
      } catch (error) {
        // The net is gone: there is nothing to show.
        shell.log.info(`preview not restored: ${error instanceof Error ? error.message : String(error)}`);
        panel.dispose();
      }
    },
  });
}

function fillPanel(shell: Shell, panel: vscode.WebviewPanel, document: vscode.TextDocument): Preview {
  const { uri } = document;
  const key = uri.toString();
  const said = new vscode.EventEmitter<FromEngine>();
  const preview = { panel, onMessage: said.event };
  previews.set(key, preview);
  const name = uri.path.split("/").at(-1)!;
  panel.title = vscode.l10n.t("Preview: {0}", name);
  panel.iconPath = { light: icon(shell, "preview-light.svg"), dark: icon(shell, "preview-dark.svg") };
  const { webview } = panel;
  webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(shell.extension, "dist")] };

  const post = pacedPost(webview, (message) => { said.fire(message); });
  const engine = startPreviewEngine(shell.extension, shell.log, (message) => {
    if (message.type === "state") void remember(shell, key, uri, message.state.settings);
    if (message.type === "exported") saySaved(message.path);
    post(message);
  });
  const watch = watchNet(uri, (text, saved) => { engine.send({ type: "text", text, saved }); }, () => { engine.send({ type: "files" }); });
  const configured = vscode.workspace.onDidChangeConfiguration((change) => {
    if (["weights", "dialect", "customLayers", "limits"].some((name) => change.affectsConfiguration(`netsurgeon.${name}`, uri))) engine.send({ type: "reading", reading: readingOf(uri) });
    if (change.affectsConfiguration("netsurgeon.preview", uri)) engine.send({ type: "set", settings: ofEditor(uri) });
  });
  const listening = webview.onDidReceiveMessage((message: ToHost) => {
    answer(message).catch((error: unknown) => {
      shell.log.error(`preview: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      post({ type: "notice", notice: { level: "error", text: error instanceof Error ? error.message : String(error) } });
    });
  });
  panel.onDidDispose(() => {
    previews.delete(key);
    vscode.Disposable.from(engine.running, watch, configured, listening, said).dispose();
  });
  engine.send({ type: "open", net: uri.fsPath, uri: key, text: document.getText(), reading: readingOf(uri), remembered: remembered(shell, key, uri) });
  webview.html = page({
    script: webview.asWebviewUri(vscode.Uri.joinPath(shell.extension, "dist", "webview.js")).toString(),
    style: webview.asWebviewUri(vscode.Uri.joinPath(shell.extension, "dist", "webview.css")).toString(),
    source: webview.cspSource,
    nonce: randomBytes(16).toString("base64url"),
  });
  return preview;

  async function answer(message: ToHost): Promise<void> {
    switch (message.type) {
      case "choose": {
        const path = await chooseFile(message.what, uri);
        if (path !== undefined) engine.send({ type: "set", settings: settingFor(message.what, path) });
        break;
      }
      case "dropped":
        for (const { what, path } of await droppedFiles(message, shell.storage)) engine.send({ type: "set", settings: settingFor(what, path) });
        break;
      case "export":
        await save(message);
        break;
      case "exportAll":
        await saveAll(message);
        break;
      case "open":
        await openOther(message.what);
        break;
      case "defect":
        shell.log.error(`preview's webview: ${message.message}`);
        break;
      default:
        engine.send(message);
    }
  }
  async function save(request: ExportRequest): Promise<void> {
    const image = remembered(shell, key, uri).image;
    const target = await exportPath(request, image === undefined ? uri : vscode.Uri.file(image));
    if (target !== undefined) engine.send({ type: "write", path: target.fsPath, request });
  }
  async function saveAll(message: Extract<ToHost, { readonly type: "exportAll" }>): Promise<void> {
    const chosen = await exportPaths(message, uri);
    if (chosen !== undefined) engine.send({ type: "writeAll", ...chosen });
  }
  async function openOther(what: "net" | "rules" | "providers"): Promise<void> {
    if (what === "net") await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
    else if (what === "providers") await vscode.commands.executeCommand("netsurgeon.checkProviders");
    else await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(shell.extension, "docs", "rules.md"));
  }
}

function settingFor(what: "weights" | "image" | "mean" | "labels", path: string): Partial<Settings> {
  return what === "mean" ? { meanFile: path } : { [what]: path };
}

function saySaved(path: string): void {
  const show = vscode.l10n.t("Show");
  const uri = vscode.Uri.file(path);
  void vscode.window.showInformationMessage(vscode.l10n.t("Saved {0}.", uri.path.split("/").at(-1)!), show).then((chosen) => {
    if (chosen === show) void vscode.commands.executeCommand("vscode.open", uri);
  });
}

/** How the workspace says that nets are read. */
function readingOf(uri: vscode.Uri): NetReading {
  const settings = vscode.workspace.getConfiguration("netsurgeon", uri);
  return { weights: settings.get("weights", ""), dialect: settings.get("dialect", "auto"), customLayers: plain(settings.get<NetReading["customLayers"]>("customLayers", {})), limits: readLimits(plain(settings.get("limits", {}))), folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath) };
}

/** Settings come as proxies, which cannot be sent to another process. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function memoryKey(key: string): string {
  return `preview ${key}`;
}

/** What was set for the net before; what never was set in the panel comes from the settings of the editor. */
function remembered({ memory }: Shell, key: string, uri: vscode.Uri): Partial<Settings> {
  return { ...ofEditor(uri), ...memory.get<Partial<Settings>>(memoryKey(key)) };
}

/** Remembers what is set; what the editor's settings say too stays theirs to change. */
async function remember({ memory }: Shell, key: string, uri: vscode.Uri, settings: Settings): Promise<void> {
  const { provider, refreshOnSave, ...others } = settings;
  const editor = ofEditor(uri);
  const own = { ...others, ...(provider !== editor.provider && { provider }), ...(refreshOnSave !== editor.refreshOnSave && { refreshOnSave }) };
  if (JSON.stringify(memory.get(memoryKey(key))) !== JSON.stringify(own)) await memory.update(memoryKey(key), own);
}

/** What the settings of the editor say. */
function ofEditor(uri: vscode.Uri): Pick<Settings, "provider" | "refreshOnSave"> {
  const settings = vscode.workspace.getConfiguration("netsurgeon.preview", uri);
  return { provider: settings.get<Settings["provider"]>("provider", "auto"), refreshOnSave: settings.get("refreshOnSave", false) };
}

function icon({ extension }: Shell, name: string): vscode.Uri {
  return vscode.Uri.joinPath(extension, "syntaxes", name);
}
