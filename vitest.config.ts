import { defineConfig } from "vitest/config";
import { protoFilesInTests } from "./scripts/proto.mjs";

export default defineConfig({
  plugins: [protoFilesInTests],
  test: { include: ["test/**/*.test.ts"], pool: "forks", testTimeout: 60_000, hookTimeout: 60_000,
    // What tests run in this process; what the command line does in processes of its own is not counted.
    coverage: { provider: "v8", include: ["src/**/*.ts", "server/**/*.ts"], reporter: ["text-summary"] },
  },
});
