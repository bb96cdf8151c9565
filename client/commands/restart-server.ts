import type { Shell } from "../commands.ts";

/** Ends the language server and starts it again. */
export async function restartServer({ server }: Shell): Promise<void> {
  await server.restart();
}
