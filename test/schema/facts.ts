import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isEnum, isMessage, type DialectName, type FieldSchema, type Schema } from "../../src/schema/schema.ts";

const folder = fileURLToPath(new URL("../../../shared/facts/caffe-schema/", import.meta.url));

/** True where the tables of Caffe's own schemas are at hand; they are not part of the repository. */
export const factsPresent = existsSync(folder);

/** What Caffe's own schema of a dialect says, one line per field and enum value, in the form of {@link schemaLines}. */
export function factLines(dialect: DialectName): string[] {
  const rows = readFileSync(`${folder}${dialect}.tsv`, "utf8").trimEnd().split("\n").slice(1);
  const seen = new Set<string>();
  return rows
    .map((row) => {
      const [kind, owner, name, number, label, type, value, options] = row.split("\t") as [string, string, string, string, string, string, string, string];
      if (kind === "enum") {
        const first = !seen.has(owner);
        seen.add(owner);
        return valueLine(owner, name, Number(number), first);
      }
      return fieldLine(owner, name, number, label, type, value === "" ? undefined : value, options === "packed");
    })
    .sort();
}

/** The same of our schema. */
export function schemaLines(schema: Schema): string[] {
  const lines: string[] = [];
  for (const { name, values } of schema.enums.values()) {
    for (const [value, number] of values) lines.push(valueLine(name, value, number, lines.at(-1)?.startsWith(`${name}.`) !== true));
  }
  for (const message of schema.messages.values()) {
    for (const field of message.fields.values()) {
      const stated = field.hasDefault ? String(field.default) : undefined;
      lines.push(fieldLine(message.name, field.name, String(field.number), field.label, typeName(field.type), stated, field.packed));
    }
  }
  return lines.sort();
}

/** The first value of an enum is its default where none is stated. */
function valueLine(owner: string, name: string, number: number, first: boolean): string {
  return `${owner}.${name} = ${number}${first ? " first" : ""}`;
}

function typeName(type: FieldSchema["type"]): string {
  return isMessage(type) || isEnum(type) ? type.name : type;
}

function fieldLine(owner: string, name: string, number: string, label: string, type: string, stated: string | undefined, packed: boolean): string {
  // `1e-05` and `0.00001` are the same number.
  const normal = stated === undefined ? "" : ` = ${type === "float" || type === "double" ? Number(stated) : stated}`;
  return `${owner}.${name} ${number} ${label} ${type}${normal}${packed ? " packed" : ""}`;
}
