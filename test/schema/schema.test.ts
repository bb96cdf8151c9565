import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { dialectNames, isEnum, isMessage, schemaOf, type DialectName, type FieldSchema } from "../../src/schema/schema.ts";
import { factLines, factsPresent, schemaLines } from "./facts.ts";

const golden = fileURLToPath(new URL("../fixtures/schema/", import.meta.url));

describe.each(dialectNames)("%s", (dialect) => {
  const schema = schemaOf(dialect);
  const fields = [...schema.messages.values()].flatMap((message) => [...message.fields.values()]);

  test.skipIf(!factsPresent)("agrees with Caffe's own schema", () => {
    expect(schemaLines(schema)).toEqual(factLines(dialect));
  });

  test("is the golden one", () => {
    const text = [`${schema.title}: ${schema.messages.size} messages, ${schema.enums.size} enums, ${fields.length} fields`, ...schemaLines(schema), ""].join("\n");
    const file = `${golden}${dialect}.txt`;
    if (process.env["UPDATE"] === "1") {
      mkdirSync(golden, { recursive: true });
      writeFileSync(file, text);
    }
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  test("explains every message, field, enum and value in a sentence", () => {
    const explained: [string, string][] = [
      ...[...schema.messages.values()].map((message): [string, string] => [message.name, message.doc]),
      ...fields.map((field): [string, string] => [`${field.owner.name}.${field.name}`, field.doc]),
      ...[...schema.enums.values()].flatMap((type): [string, string][] => [
        [type.name, type.doc],
        ...[...type.values.keys()].map((value): [string, string] => [`${type.name}.${value}`, type.docs.get(value) ?? ""]),
      ]),
    ];
    const poor = explained.filter(([, doc]) => !/^["`\w].*\.$/.test(doc) || doc.includes("\n") || doc.length < 3);
    expect(poor).toEqual([]);
  });

  test("gives each field of a message its own number, and each value of an enum", () => {
    for (const message of schema.messages.values()) expect([message.name, message.byNumber.size]).toEqual([message.name, message.fields.size]);
    for (const type of schema.enums.values()) expect([type.name, type.names.size]).toEqual([type.name, type.values.size]);
  });

  test("has a default of the right kind where one can hold", () => {
    for (const field of fields) expect([`${field.owner.name}.${field.name}`, defaultFits(field)]).toEqual([`${field.owner.name}.${field.name}`, true]);
  });

  test("links fields to types and owners of the same schema", () => {
    for (const field of fields) {
      expect(schema.messages.get(field.owner.name)).toBe(field.owner);
      if (isMessage(field.type)) expect(schema.messages.get(field.type.name)).toBe(field.type);
      if (isEnum(field.type)) expect(schema.enums.get(field.type.name)).toBe(field.type);
    }
  });
});

function defaultFits({ label, type, default: value, hasDefault }: FieldSchema): boolean {
  if (label === "repeated" || isMessage(type)) return value === undefined && !hasDefault;
  if (isEnum(type)) return typeof value === "string" && type.values.has(value);
  const kind = type === "string" || type === "bytes" ? "string" : type === "bool" ? "boolean" : "number";
  return typeof value === kind && !Number.isNaN(value);
}

function checkField(dialect: DialectName, path: string, expected: Partial<Record<keyof FieldSchema, unknown>> | undefined): void {
  const [message, name] = path.split(".") as [string, string];
  const field = schemaOf(dialect).messages.get(message)?.fields.get(name);
  if (expected === undefined) expect(field).toBeUndefined();
  else expect(field).toMatchObject(expected);
}

test("fills proto2's defaults in where the schema states none", () => {
  checkField("bvlc", "PoolingParameter.pool", { default: "MAX", hasDefault: true });
  checkField("bvlc", "PoolingParameter.kernel_size", { default: 0, hasDefault: false });
  checkField("bvlc", "LayerParameter.name", { default: "", hasDefault: false });
  checkField("bvlc", "BatchNormParameter.use_global_stats", { default: false, hasDefault: false });
  checkField("bvlc", "ParamSpec.share_mode", { default: "STRICT", hasDefault: false });
  checkField("bvlc", "ConvolutionParameter.kernel_size", { default: undefined, label: "repeated" });
  checkField("bvlc", "LayerParameter.pooling_param", { default: undefined });
});

test("a dialect adds, replaces and takes away", () => {
  checkField("nvidia", "BlobProto.raw_data", { number: 12, type: "bytes" });
  checkField("nvidia", "LayerParameter.recurrent_param", { number: 151 });
  checkField("nvidia", "LayerParameter.clip_param", undefined);
  checkField("segnet", "ConvolutionParameter.kernel_size", { label: "optional", default: 0 });
  checkField("segnet", "LayerParameter.batch_norm_param", undefined);
  expect(schemaOf("segnet").messages.has("BatchNormParameter")).toBe(false);
  expect(schemaOf("ssd").enums.has("PoolingParameter.RoundMode")).toBe(false);
  expect(schemaOf("intel").enums.get("LossParameter.NormalizationMode")?.values.get("NONE")).toBe(4);
});

test("one number means different things to different dialects", () => {
  const names = (dialect: DialectName, number: number): string | undefined => schemaOf(dialect).messages.get("LayerParameter")?.byNumber.get(number)?.name;
  expect([names("bvlc", 143), names("pspnet", 143), names("bvlc", 137), names("segnet", 137)]).toEqual([
    "input_param", "interp_param", "embed_param", "upsample_param",
  ]);
});

test("what a dialect changes keeps its explanation, unless it has a new one", () => {
  const doc = (dialect: DialectName): string | undefined => schemaOf(dialect).messages.get("LayerParameter")?.fields.get("recurrent_param")?.doc;
  expect(doc("nvidia")).toBe(doc("bvlc"));
});

test("marks what has a successor", () => {
  checkField("bvlc", "NetParameter.layers", { deprecated: true });
  checkField("bvlc", "NetParameter.layer", { deprecated: false });
  checkField("segnet", "LossParameter.normalize", { deprecated: false });
});

test("is read once", () => {
  expect(schemaOf("nvidia")).toBe(schemaOf("nvidia"));
});
