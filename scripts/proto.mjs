// The schema's .proto files as data: read when a program is bundled, because reading them takes 40 ms, which every start would pay for.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Enum, parse, Type } from "protobufjs";

/** What a .proto text declares. */
function readProto(text) {
  const { root, imports } = parse(text, { keepCase: true, alternateCommentMode: true });
  const types = [];
  const visit = (space, prefix) => {
    for (const object of space.nestedArray) {
      const common = { name: prefix + object.name, doc: oneLine(object.comment), reserved: (object.reserved ?? []).filter((item) => typeof item === "string") };
      if (object instanceof Enum) {
        types.push({ kind: "enum", ...common, values: Object.entries(object.values).map(([name, number]) => ({ name, number, doc: oneLine(object.comments[name]) })) });
      } else if (object instanceof Type) {
        types.push({ kind: "message", ...common, fields: object.fieldsArray.map(readField) });
        visit(object, `${common.name}.`);
      }
    }
  };
  visit(root, "");
  return { imports: imports ?? [], types };
}

function readField({ name, id, rule, type, options, comment }) {
  return {
    name, number: id, label: rule === "repeated" || rule === "required" ? rule : "optional", type,
    ...(options?.default !== undefined && { default: options.default }),
    packed: options?.packed === true, deprecated: options?.deprecated === true, doc: oneLine(comment),
  };
}

/** Comments are wrapped in the file; readers wrap them again. */
function oneLine(comment) {
  return (comment ?? "").replace(/\s*\n\s*/g, " ").trim();
}

/** A module that gives what a .proto text declares. The data is a text until it is asked for: that is read faster than code. */
function moduleOf(text) {
  return `export default () => JSON.parse(${JSON.stringify(JSON.stringify(readProto(text)))});`;
}

/** For esbuild. */
export const protoFiles = {
  name: "proto-files",
  setup: ({ onLoad }) => { onLoad({ filter: /\.proto$/ }, async ({ path }) => ({ contents: moduleOf(await readFile(path, "utf8")), loader: "js", watchFiles: [path] })); },
};

/** For vitest. */
export const protoFilesInTests = {
  name: "proto-files",
  load: (id) => (id.endsWith(".proto") ? moduleOf(readFileSync(id, "utf8")) : undefined),
};
