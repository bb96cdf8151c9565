import { chooseProvider } from "../inference/providers.ts";
import type { Provider } from "../inference/messages.ts";
import { providerWords } from "../inference/provider-failure.ts";
import { Failure, sentence } from "../text/failure.ts";
import type { ProviderName } from "./messages.ts";

/** The provider that will compute, and what was passed over on the way to it with the reason. */
export interface Settled {
  readonly name: Provider;
  readonly skipped: readonly { readonly name: ProviderName; readonly reason: string }[];
  /** Set where the user's own choice does not work and the CPU stands in. */
  readonly fallback?: string;
}

/**
 * Finds the provider for a request; one that was asked for by name and does not work is replaced by the CPU, and that is said.
 *
 * Providers are tried in processes of their own. `entry` is the bundled inference process.
 */
export async function settleProvider(entry: string, requested: ProviderName, signal: AbortSignal): Promise<Settled> {
  try {
    const { provider, skipped } = await chooseProvider(entry, requested, signal);
    return { name: provider, skipped: skipped.map((each) => ({ name: each.provider, reason: each.reason })) };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "cancelled" || requested === "auto" || requested === "cpu") throw error;
    return standIn(requested, error);
  }
}

/** The CPU in place of a provider that failed. */
export function standIn(failed: ProviderName, failure: Failure): Settled {
  const reason = providerWords(failure).replace(/^the execution provider '\w+' does not work here: /, "").replace(/\.$/, "");
  return { name: "cpu", skipped: [{ name: failed, reason }], fallback: sentence(new Failure("inference", `${failed} does not work here: ${reason}. The CPU stands in.`)) };
}
