import { Failure } from "../text/failure.ts";
import type { Provider } from "./messages.ts";

/** The Failure for a net that an execution provider could not load or run: which provider, what it said, and the way out. */
export function providerFailure(provider: Provider, doing: "loading" | "running", said: string): Failure {
  const what = `the execution provider '${provider}' failed ${doing} the net: ${said.trim().replace(/\.$/, "")}.`;
  const advice =
    provider === "cpu" ? "Choose smaller tiles (--tile), then run again." : "Choose the execution provider 'cpu' (--provider cpu), then run again.";
  return new Failure("inference", what, { advice });
}

/** What the provider itself said, without the words around it. */
export function providerWords({ message }: Failure): string {
  return message.replace(/^the execution provider '\w+' failed (loading|running) the net: /, "");
}
