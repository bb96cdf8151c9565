import { basename } from "node:path";
import type { Region } from "../dense/fill.ts";
import type { Provider } from "../inference/messages.ts";
import { windowAt } from "../dense/tiles.ts";
import { fillPlanes, readWindow } from "../dense/fill.ts";
import { pixelTables } from "../dense/preprocess.ts";
import { Failure } from "../text/failure.ts";
import { useLimits } from "../text/limits.ts";
import { showOn, type Post } from "./board.ts";
import { exportAll } from "./export-all.ts";
import { findFacts, noticeOf, readMean, stampOf, type Facts } from "./facts.ts";
import { isWhole } from "./maps.ts";
import type { ExportRequest, MapKind, Notice, Settings, State, Summary } from "./messages.ts";
import type { NetReading, ToEngine } from "./protocol.ts";
import { loadPicture, type Picture } from "./picture.ts";
import { providerReport } from "./provider-report.ts";
import { findProviders, forgetAutomatic, type Settled } from "./provider.ts";
import { initialSettings, refuse } from "./settings.ts";
import { startRun, verifyRun, type RunContext } from "./run.ts";
import { keepWarm } from "./warm.ts";
import { writeMap } from "./write-map.ts";

/** The engine behind one preview. */
export interface Engine {
  receive(message: ToEngine): void;
  /** Settled when nothing is being looked at or computed. */
  idle(): Promise<void>;
  /** Ends everything, the inference process included. */
  close(): Promise<void>;
  /** The inference process, for tests that end it. */
  readonly inferencePid: number | undefined;
}

/** What is known and shown between messages. */
interface Situation {
  open: Extract<ToEngine, { type: "open" }> | undefined;
  facts: Facts | undefined;
  picture: Picture | undefined;
  provider: Settled | undefined;
  summary: Summary | undefined;
  phase: State["phase"];
  /** What the last run was made from. */
  ran: string | undefined;
}

/**
 * The engine behind a preview: takes messages, answers by `post`. `entry` is the bundled inference process.
 *
 * Messages that need files or the net are served one after the other; `cancel`, `looking` and `probe` at once.
 */
export function startEngine(entry: string, post: Post): Engine {
  const now: Situation = { open: undefined, facts: undefined, picture: undefined, provider: undefined, summary: undefined, phase: "empty", ran: undefined };
  const warm = keepWarm(entry);
  const ending = new AbortController();
  const compiled = async (): Promise<readonly Provider[]> => (await (await warm.inference()).status()).compiledIn;
  const providers = findProviders(entry, compiled, ending.signal);
  const board = showOn(post, 1);
  let looking: Region | undefined;
  let queue: Promise<void> = Promise.resolve();
  let current: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  let lastRun = 0;

  const say = (notice: Notice): void => { post({ type: "notice", notice }); };
  const report = (error: unknown): void => {
    if (error instanceof Failure) {
      if (error.kind !== "cancelled") say(noticeOf(error));
      return;
    }
    post({ type: "log", text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    say({ level: "error", text: `This should not have happened: ${error instanceof Error ? error.message : String(error)}`, advice: "The log says more." });
  };
  const enqueue = (work: () => Promise<void>): void => {
    queue = queue.then(work).catch(report);
  };
  const sendState = (): void => {
    const state = stateOf(now);
    if (state !== undefined) post({ type: "state", state });
  };

  /** Finds everything out again; a picture is loaded only where it is another. */
  const refresh = async (settings?: Settings, remembered: Partial<Settings> = {}): Promise<void> => {
    if (now.open === undefined) return;
    const facts = await findFacts({ ...now.open, settings: settings ?? now.facts?.settings, remembered, before: now.facts });
    const before = now.facts;
    now.facts = facts;
    facts.notices.forEach(say);
    const { image, resize, classIndex } = facts.settings;
    if (before === undefined || image !== before.settings.image || resize !== before.settings.resize) await loadShown(image, resize);
    board.showClass(classIndex);
    if (now.phase === "empty" || now.phase === "idle") now.phase = missing(facts).length > 0 || facts.opened === undefined ? "empty" : "idle";
    sendState();
    if (seenBy(facts) !== (before && seenBy(before))) await sendSeen();
  };
  const loadShown = async (image: string | undefined, resize: number): Promise<void> => {
    now.picture = undefined;
    now.summary = undefined;
    if (image === undefined) return;
    try {
      const name = now.facts?.images.find(({ path }) => path === image)?.name ?? basename(image);
      now.picture = await loadPicture(image, resize, name);
      board.showPicture(now.picture);
    } catch (error) {
      report(error);
    }
  };
  const sendSeen = async (): Promise<void> => {
    const { picture, facts } = now;
    if (picture === undefined || facts?.opened === undefined) return;
    const { geometry } = facts.opened.classifier;
    const { height, width } = geometry.patch;
    const middle = windowAt(Math.floor(picture.image.height / 2), Math.floor(picture.image.width / 2), geometry);
    const pixels = await readWindow(picture.source, { ...middle, height, width });
    const tables = pixelTables(facts.settings);
    const values = new Float32Array(tables.length * height * width);
    fillPlanes(values, pixels, picture.source.channels, facts.settings.channels, tables);
    const planes = tables.map((_, i) => values.slice(i * height * width, (i + 1) * height * width));
    const [smallest, largest] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity] as [number, number]);
    post({ type: "seen", width, height, planes, smallest, largest });
  };

  /** Stops what is computed, at once; the inference process is started anew for what comes next. */
  const stop = (): void => {
    if (current === undefined) return;
    current.stop.abort();
    current = undefined;
    warm.kill();
    warm.start();
    now.phase = "idle";
    board.calm();
    sendState();
  };
  /** Computes something that can be stopped, with the facts as they are then. */
  const begin = (phase: State["phase"], work: (context: RunContext) => Promise<void>): void => {
    const { facts, picture } = now;
    if (facts?.opened === undefined || missing(facts).length > 0 || picture === undefined) {
      sendState();
      return;
    }
    stop();
    const controller = new AbortController();
    const { opened } = facts;
    const context: RunContext = {
      providers, warm, board, opened, picture, run: ++lastRun, settings: facts.settings, signal: controller.signal, post,
      looking: () => looking,
      phase: (next) => {
        if (controller.signal.aborted) return;
        now.phase = next;
        sendState();
      },
      provider: (settled) => {
        if (settled.fallback !== undefined && settled.fallback !== now.provider?.fallback) say({ level: "warning", text: settled.fallback });
        now.provider = settled;
      },
      distrust: () => { void forgetAutomatic(entry); },
      summary: (part) => {
        if (!controller.signal.aborted) now.summary = { pixels: picture.image.width * picture.image.height, ...now.summary, ...part };
      },
    };
    now.phase = phase;
    sendState();
    const done = work(context)
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        report(error);
        // What is left of a process that failed is not to be trusted; the next run gets another.
        warm.kill();
        warm.start();
      })
      .finally(() => {
        if (current?.stop !== controller) return;
        current = undefined;
        now.phase = "idle";
        board.calm();
        sendState();
      });
    current = { stop: controller, done };
  };
  const run = (): void => {
    begin("simple", (context) => {
      now.ran = madeFrom(now);
      now.summary = undefined;
      board.rush();
      return startRun(context);
    });
  };

  const set = async (change: Partial<Settings>): Promise<void> => {
    const before = now.facts?.settings;
    if (before === undefined) return;
    const refusal = refuse(change);
    if (refusal !== undefined) {
      say({ level: "error", text: refusal });
      sendState();
      return;
    }
    const channels = now.facts?.opened?.classifier.channels;
    const isNewMean = change.meanFile !== undefined && change.mean === undefined && channels !== undefined;
    const mean = isNewMean ? await readMean(change.meanFile, channels) : change.mean !== undefined ? { meanFile: undefined } : {};
    const { meanFile, ...merged } = { ...before, ...change, ...mean };
    await refresh({ ...merged, ...(meanFile !== undefined && { meanFile }) });
    const after = now.facts?.settings;
    // A view of what is there needs no run; anything else is another result.
    if (after !== undefined && resultOf(after) !== resultOf(before) && (now.ran !== undefined || canRun(now))) run();
  };

  /** What is done at a message that is served in its turn. */
  const serve = async (message: ToEngine): Promise<void> => {
    switch (message.type) {
      case "open":
        useLimits(message.reading.limits ?? {});
        now.open = message;
        warm.start();
        await open(refuse(message.remembered ?? {}) === undefined ? message.remembered : {});
        break;
      case "ready":
        sendState();
        board.begun();
        await sendSeen();
        break;
      case "text":
        if (now.open === undefined) return;
        now.open = { ...now.open, text: message.text };
        await refresh();
        if (message.saved) runAfterSaving();
        break;
      case "reading":
        await readAgain(message.reading);
        break;
      case "files":
        await refresh();
        runAfterSaving();
        break;
      case "set":
        await set(message.settings);
        break;
      case "run":
        run();
        break;
      case "verify":
        begin("verifying", (context) => verifyRun(context, message.pixels));
        break;
      case "write":
        await write(message.path, message.request);
        break;
      case "writeAll":
        begin("exporting", (context) => exportAll(context, message.files, message.request, labelOf(now.facts)));
        break;
      case "providers":
        await forgetAutomatic(entry);
        post({ type: "providers", text: await providerReport(entry) });
        break;
      case "cancel":
        stop();
        break;
      case "looking":
        looking = message;
        board.look(message.scale);
        break;
      case "probe":
        probe(message.x, message.y);
    }
  };
  const open = async (remembered: Partial<Settings> = {}): Promise<void> => {
    // Which provider is wanted is known before the net is, and trying takes its time. What `auto` leads to is for after the first picture.
    const wanted = remembered.provider ?? initialSettings.provider;
    if (wanted !== "auto") providers.settle(wanted).catch(() => undefined);
    await refresh(undefined, remembered);
    if (canRun(now)) run();
  };
  /** Looks at the net again as the settings now say it is to be read, and at a picture that could not be read before. */
  const readAgain = async (reading: NetReading): Promise<void> => {
    if (now.open === undefined) return;
    useLimits(reading.limits ?? {});
    now.open = { ...now.open, reading };
    await refresh();
    const { facts } = now;
    if (now.picture === undefined && facts?.settings.image !== undefined) {
      await loadShown(facts.settings.image, facts.settings.resize);
      sendState();
      await sendSeen();
    }
    if (now.ran === undefined && canRun(now)) run();
  };
  const runAfterSaving = (): void => {
    if (now.facts?.settings.refreshOnSave === true && isStale(now)) run();
  };

  return {
    receive(message) {
      // These wait for nothing: they are about what is under way.
      if (message.type === "cancel" || message.type === "looking" || message.type === "probe") void serve(message);
      else enqueue(() => serve(message));
    },
    async idle() {
      // What is in the queue may begin a run.
      await queue;
      while (current !== undefined) {
        await current.done;
        await queue;
      }
    },
    async close() {
      current?.stop.abort();
      ending.abort();
      await warm.close();
    },
    get inferencePid() {
      return warm.pid;
    },
  };

  function probe(x: number, y: number): void {
    const values: Partial<Record<MapKind, readonly number[]>> = {};
    for (const kind of ["simple", "exact", "mean", "variance"] as const) {
      const map = board.map(kind);
      if (map?.has(x, y) !== true) continue;
      const all: number[] = [];
      for (const [index, plane] of map.planes) all[index] = plane[y * map.width + x]!;
      values[kind] = Array.from(all, (value) => value ?? NaN);
    }
    post({ type: "probed", x, y, values });
  }

  async function write(path: string, request: ExportRequest): Promise<void> {
    const { facts, picture } = now;
    const classIndex = facts?.settings.classIndex ?? 0;
    const map = board.map(request.kind);
    const values = map?.planes.get(classIndex);
    if (request.format !== "figure" && (facts === undefined || picture === undefined || map === undefined || values === undefined || !isWhole(map)))
      throw new Failure("bad-request", `the ${request.kind} map is not complete`, { advice: "Run it to its end, then export." });
    await writeMap(path, request, {
      values: values ?? new Float32Array(),
      width: map?.width ?? 0,
      height: map?.height ?? 0,
      range: board.range(request.kind) ?? [0, 1],
      label: labelOf(facts),
      resize: facts?.settings.resize ?? 1,
      ...(picture?.info.micrometres !== undefined && { micrometres: picture.info.micrometres }),
    });
    post({ type: "exported", path });
  }
}

/** The name of the class in view. */
function labelOf(facts: Facts | undefined): string {
  const classIndex = facts?.settings.classIndex ?? 0;
  return facts?.info?.labels[classIndex] ?? `class ${classIndex}`;
}

function missing({ settings }: Facts): ("weights" | "image")[] {
  return [...(settings.weights === undefined ? (["weights"] as const) : []), ...(settings.image === undefined ? (["image"] as const) : [])];
}

function canRun({ facts, picture }: Situation): boolean {
  return facts?.opened !== undefined && missing(facts).length === 0 && picture !== undefined;
}

/** All that a result depends on, as one word. */
function resultOf({ weights, image, channels, mean, scale, resize, output, provider, displacement, dropoutRuns, dropoutSeed }: Settings): string {
  return JSON.stringify([weights, image, channels, mean, scale, resize, output, provider, displacement, dropoutRuns, dropoutSeed]);
}

function seenBy({ settings, opened }: Facts): string {
  const { image, resize, channels, mean, scale } = settings;
  return JSON.stringify([image, resize, channels, mean, scale, opened?.classifier.geometry.patch]);
}

/** The text and the model of a run, to see whether they are still the same. */
function madeFrom({ open, facts }: Situation): string {
  return JSON.stringify([open?.text, facts?.settings.weights, stampOf(facts?.settings.weights)]);
}

function isStale(now: Situation): boolean {
  return now.ran !== undefined && now.ran !== madeFrom(now);
}

function stateOf(now: Situation): State | undefined {
  const { open, facts, picture, provider, summary, phase } = now;
  if (open === undefined || facts === undefined) return undefined;
  return {
    uri: open.uri,
    ...(facts.info !== undefined && { net: facts.info }),
    ...(facts.problem !== undefined && { problem: facts.problem }),
    weights: facts.weights,
    images: facts.images,
    means: facts.means,
    settings: facts.settings,
    ...(picture !== undefined && { image: picture.info }),
    phase,
    missing: missing(facts),
    ...(provider !== undefined && { provider: { name: provider.name, skipped: provider.skipped } }),
    stale: isStale(now),
    ...(summary !== undefined && { summary }),
  };
}
