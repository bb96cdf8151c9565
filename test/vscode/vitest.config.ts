import { defineConfig } from "vitest/config";

/** The tests in the browser: one workbench at a time, all against the same server and the same packaged extension. */
export default defineConfig({
  test: {
    root: ".",
    include: ["test/vscode/ui/**/*.ui.ts"],
    globalSetup: ["test/vscode/ui/global-setup.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
