import { statSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { chooseProvider } from "../inference/providers.ts";
import type { Provider } from "../inference/messages.ts";
import { providerWords } from "../inference/provider-failure.ts";
import { recall, remember } from "../text/cache.ts";
import { Failure, sentence } from "../text/failure.ts";
import type { ProviderName } from "./messages.ts";

/** The provider that will compute, and what was passed over on the way to it with the reason. */
export interface Settled {
  readonly name: Provider;
  readonly skipped: readonly { readonly name: ProviderName; readonly reason: string }[];
  /** Set where the user's own choice does not work and the CPU stands in. */
  readonly fallback?: string;
}

/** Finds providers for requests; what was found holds as long as the program runs. */
export interface Providers {
  /**
   * The provider for a request; one that was asked for by name and does not work is replaced by the CPU, and that is said.
   * Providers are tried in processes of their own. What `auto` led to is remembered for a day.
   */
  settle(requested: ProviderName): Promise<Settled>;
  /** What is known of a request without a trial; undefined where one is needed first. */
  known(requested: ProviderName): Promise<Settled | undefined>;
}

/** `entry` is the bundled inference process; `compiled` tells what its onnxruntime was built with. */
export function findProviders(entry: string, compiled: () => Promise<readonly Provider[]>, signal: AbortSignal): Providers {
  const found = new Map<ProviderName, Promise<Settled>>();
  const certain = new Map<ProviderName, Settled>();
  const choose = async (requested: ProviderName): Promise<Settled> => {
    const { provider, skipped } = await chooseProvider(entry, requested, signal, compiled);
    return { name: provider, skipped: skipped.map((each) => ({ name: each.provider, reason: each.reason })) };
  };
  const named = async (requested: ProviderName): Promise<Settled> => {
    try {
      return await choose(requested);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === "cancelled" || requested === "cpu") throw error;
      return standIn(requested, error);
    }
  };
  const remembered = async (): Promise<Settled | undefined> => {
    const before = await recall(CACHE, keyOf(entry));
    return isFresh(before) ? before.settled : undefined;
  };
  const automatic = async (): Promise<Settled> => {
    const before = await remembered();
    if (before !== undefined) return before;
    const settled = await choose("auto");
    await remember(CACHE, keyOf(entry), { settled, at: Date.now() });
    return settled;
  };
  return {
    settle(requested) {
      let settled = found.get(requested);
      if (settled === undefined) {
        settled = requested === "auto" ? automatic() : named(requested);
        found.set(requested, settled);
        settled.then((known) => certain.set(requested, known), () => found.delete(requested));
      }
      return settled;
    },
    known: async (requested) => certain.get(requested) ?? (requested === "auto" ? remembered() : undefined),
  };
}

/** Forgets what `auto` led to: it did not do, or something was installed. */
export async function forgetAutomatic(entry: string): Promise<void> {
  await remember(CACHE, keyOf(entry), undefined);
}

/** The CPU in place of a provider that failed. */
export function standIn(failed: ProviderName, failure: Failure): Settled {
  const reason = providerWords(failure).replace(/^the execution provider '\w+' does not work here: /, "").replace(/\.$/, "");
  return { name: "cpu", skipped: [{ name: failed, reason }], fallback: sentence(new Failure("inference", `${failed} does not work here: ${reason}. The CPU stands in.`)) };
}

const CACHE = "providers.json";

/** Milliseconds for which a finding is taken as it is: drivers and libraries come and go, but not by the hour. */
const DAY = 86_400_000;

interface Finding {
  readonly settled: Settled;
  readonly at: number;
}

function isFresh(entry: unknown): entry is Finding {
  return typeof entry === "object" && entry !== null && "at" in entry && "settled" in entry && Math.abs(Date.now() - (entry.at as number)) < DAY;
}

/** Another for another machine, build of the program, or place of drivers and libraries. */
function keyOf(entry: string): string {
  const { mtimeMs, size } = statSync(entry);
  const { LD_LIBRARY_PATH, VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  return JSON.stringify([cpus()[0]?.model, platform(), arch(), entry, mtimeMs, size, LD_LIBRARY_PATH, VK_ICD_FILENAMES, VK_DRIVER_FILES]);
}
