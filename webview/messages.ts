/** The messages between the preview and its host. */
export type * from "../src/preview/messages.ts";
