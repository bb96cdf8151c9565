import { readdir } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../src/text/diagnostic.ts";
import { Failure, sentence } from "../src/text/failure.ts";
import { isFile } from "../src/text/is-file.ts";
import type { Analysis } from "../src/ide/analysis.ts";
import { weightsComment } from "../src/ide/directives.ts";
import { asWanted, weightFindings } from "../src/ide/weights.ts";
import { modelOf, wantedOf } from "../src/weights/belongs.ts";
import type { WantedLayer } from "../src/weights/check.ts";
import { openWeights } from "../src/weights/open.ts";
import { liesOutside } from "../src/weights/outside.ts";
import type { WeightsFile } from "../src/weights/weights-file.ts";
import type { Settings } from "./settings.ts";
import { logDefect, type Server } from "./server.ts";

/** The comparison of open nets with their models, in the background. */
export interface WeightsWatch {
  /** What does not fit, by the model read last; a look for the model itself is started where it is due. */
  findings(uri: string, analysis: Analysis): readonly Diagnostic[];
  forget(uri: string): void;
  filesChanged(): void;
}

/** Folders of snapshots hold hundreds of models of one net; which is meant cannot be known. */
const MOST = 20;

type Known = { readonly file: WeightsFile } | { readonly failure: string } | { readonly outside: string } | undefined;

/** Looks for the models of nets and reads their structure, once per model and change of it; `changed` is called when there is something new to say. */
export function watchWeights({ connection, documents, client }: Server, changed: (uri: string) => void): WeightsWatch {
  const known = new Map<string, { readonly key: string; readonly model: Known }>();
  const looking = new Set<string>();
  let generation = 0;

  const look = async (uri: string, key: string, asked: Asked): Promise<void> => {
    const settings = await documents.settings(uri);
    const model = settings.checkWeights ? await modelFor(uri, asked, settings) : undefined;
    const before = known.get(uri)?.model;
    known.set(uri, { key, model });
    if (model !== undefined || before !== undefined) changed(uri);
  };
  /** What a text names is read where its user is at work; elsewhere only what the user names. */
  const modelFor = async (uri: string, { commented, wanted }: Asked, settings: Settings): Promise<Known> => {
    const path = await weightsPath(uri, { commented, wanted }, settings);
    const folders = [new URL(".", uri).href, ...client().folders.filter((folder) => folder.startsWith("file:"))].map((folder) => fileURLToPath(folder));
    if (path === undefined || commented === undefined || !(await liesOutside(path, folders))) return path === undefined ? undefined : read(path);
    return settings.weights === "" ? { outside: path } : modelFor(uri, { commented: undefined, wanted }, settings);
  };
  return {
    findings(uri, analysis) {
      if (!client().trusted || !uri.startsWith("file:") || analysis.document.kind !== "net") return [];
      // Only what decides which model it is makes the search due again.
      const commented = weightsComment(analysis.document.tree)?.path;
      const key = `${generation} ${commented ?? ""}`;
      const now = known.get(uri);
      if (now?.key !== key && !looking.has(uri)) {
        looking.add(uri);
        const asked = { commented, wanted: wantedOf(analysis.shapes) };
        setTimeout(() => {
          look(uri, key, asked)
            .catch((error: unknown) => { logDefect(connection, "weights", error); })
            .finally(() => looking.delete(uri));
        }, 50);
      }
      const model = now?.model;
      if (model === undefined) return [];
      if ("file" in model) return weightFindings(analysis, model.file).diagnostics;
      const { start, end } = weightsComment(analysis.document.tree) ?? analysis.document.tree.root.fields[0]?.nameRange ?? { start: 0, end: 0 };
      if ("failure" in model) return asWanted(analysis, [{ code: "weights-unreadable", severity: "warning", start, end, message: model.failure }]);
      const message = `${model.outside} lies outside the workspace and is not read. Choose it with Check Weights, or name it in the setting netsurgeon.weights.`;
      return asWanted(analysis, [{ code: "weights-outside", severity: "information", start, end, message }]);
    },
    forget: (uri) => void known.delete(uri),
    filesChanged() {
      generation++;
      for (const { uri } of documents.all()) changed(uri);
    },
  };
}

async function read(path: string): Promise<Known> {
  try {
    return { file: await openWeights(path) };
  } catch (error) {
    if (error instanceof Failure) return { failure: sentence(error) };
    throw error;
  }
}

/** What a net says of its model: the path in its `# weights:` comment, and its layers with the shapes of their blobs. */
interface Asked {
  readonly commented: string | undefined;
  readonly wanted: readonly WantedLayer[];
}

/** The model that belongs to a net: of a `# weights:` comment, of the setting, of the same name, the only one in the folder, or the only one there that fits. */
export async function weightsPath(uri: string, { commented, wanted }: Asked, settings: Settings): Promise<string | undefined> {
  const file = fileURLToPath(uri);
  const named = commented ?? (settings.weights === "" ? undefined : settings.weights);
  if (named !== undefined) return isAbsolute(named) ? named : join(dirname(file), named);
  const own = join(dirname(file), `${basename(file, extname(file))}.caffemodel`);
  if (await isFile(own)) return own;
  const models = (await readdir(dirname(file)).catch(() => [])).filter((name) => name.endsWith(".caffemodel"));
  const nets = (await readdir(dirname(file)).catch(() => [])).filter((name) => name.endsWith(".prototxt") && !name.includes("solver"));
  const paths = models.slice(0, MOST).map((name) => join(dirname(file), name));
  // With several nets a model may be any one's: only the net it is meant for would be checked rightly.
  return models.length === 1 && nets.length === 1 ? paths[0] : modelOf(paths, wanted);
}
