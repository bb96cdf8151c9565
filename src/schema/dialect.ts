import { dialectNames, schemaOf, type DialectName } from "./schema.ts";

/** The dialects whose message has the field, in the order of `dialectNames`. */
export function fieldHomes(message: string, field: string): DialectName[] {
  return dialectNames.filter((dialect) => schemaOf(dialect).messages.get(message)?.fields.has(field) === true);
}

/** The dialects whose enum, such as `PoolingParameter.PoolMethod`, has the value, in the order of `dialectNames`. */
export function enumHomes(name: string, value: string): DialectName[] {
  return dialectNames.filter((dialect) => schemaOf(dialect).enums.get(name)?.values.has(value) === true);
}
