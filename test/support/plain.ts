import { Message } from "../../src/prototxt/message.ts";

/** A message as plain data, by field name: what it says, without where it says so. */
export interface Plain {
  readonly [field: string]: readonly (number | string | boolean | Plain)[];
}

/** Everything that a message says, in the order of field names. */
export function plain(message: Message): Plain {
  const entries = [...message.values].filter(([, values]) => values.length > 0);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, values.map(({ value }) => (value instanceof Message ? plain(value) : value))]),
  );
}
