import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "./atomic.ts";

/** The user's folder for what can be found out again: safe to delete at any time. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform, home = homedir()): string {
  const given = environment["XDG_CACHE_HOME"];
  if (given !== undefined && given !== "") return join(given, "netsurgeon");
  if (platform === "win32") return join(environment["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "netsurgeon", "cache");
  return platform === "darwin" ? join(home, "Library", "Caches", "netsurgeon") : join(home, ".cache", "netsurgeon");
}

/** What a JSON file of the cache remembers under a key; undefined where it remembers nothing, or is no such file. */
export async function recall(name: string, key: string): Promise<unknown> {
  return (await readEntries(name))[key];
}

/** Remembers a value under a key. Where the folder cannot be written, nothing is remembered and nothing lost. */
export async function remember(name: string, key: string, value: unknown): Promise<void> {
  try {
    await mkdir(cacheFolder(), { recursive: true });
    const entries = { ...(await readEntries(name)), [key]: value };
    await writeFileAtomic(join(cacheFolder(), name), `${JSON.stringify(entries, null, 1)}\n`);
  } catch {
    // A cache that cannot be kept costs time, nothing else.
  }
}

async function readEntries(name: string): Promise<Record<string, unknown>> {
  try {
    const entries: unknown = JSON.parse(await readFile(join(cacheFolder(), name), "utf8"));
    return typeof entries === "object" && entries !== null && !Array.isArray(entries) ? (entries as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
