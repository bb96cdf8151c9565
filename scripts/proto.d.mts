import type { Plugin } from "esbuild";

/** For esbuild: a `.proto` file as a module that gives what it declares. */
export const protoFiles: Plugin;

/** The same for vitest. */
export const protoFilesInTests: { readonly name: string; readonly load: (id: string) => string | undefined };
