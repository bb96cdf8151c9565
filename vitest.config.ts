import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The schema is imported as text; esbuild does the same with its `text` loader (scripts/build.mjs). */
const protoAsText = {
  name: "proto-as-text",
  load(id: string): string | undefined {
    return id.endsWith(".proto") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : undefined;
  },
};

export default defineConfig({
  plugins: [protoAsText],
  test: { include: ["test/**/*.test.ts"], pool: "forks", testTimeout: 60_000, hookTimeout: 60_000,
    // What tests run in this process; what the command line does in processes of its own is not counted.
    coverage: { provider: "v8", include: ["src/**/*.ts", "server/**/*.ts"], reporter: ["text-summary"] },
  },
});
