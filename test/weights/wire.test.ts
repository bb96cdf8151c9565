import fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { expect, test } from "vitest";
import { encodeBytesField, encodeHeader, encodeVarint, encodeVarintField, joinBytes } from "../../src/weights/wire.ts";
import { memorySource, nextField, openCursor, readVarint, signedValue } from "../../src/weights/wire.ts";
import { message } from "./message.ts";

/** All fields as `number:wire:valueStart-valueEnd`, and the fault at the end. */
function fields(bytes: Uint8Array): { seen: string[]; fault: string | undefined } {
  const cursor = openCursor(memorySource(bytes));
  const seen: string[] = [];
  while (nextField(cursor, bytes.length)) seen.push(`${cursor.field}:${cursor.wire}:${cursor.valueStart}-${cursor.valueEnd}`);
  return { seen, fault: cursor.fault };
}

function checkFields(bytes: number[], seen: string[], fault?: string): void {
  expect(fields(Uint8Array.from(bytes))).toEqual({ seen, fault });
}

test("fields of every wire type are stepped over", () => {
  checkFields([0x08, 0x96, 0x01], ["1:0:1-3"]);
  checkFields([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 0], ["1:1:1-9", "2:0:10-11"]);
  checkFields([0x0d, 1, 2, 3, 4], ["1:5:1-5"]);
  checkFields([0x0a, 3, 1, 2, 3, 0xa2, 0x06, 0], ["1:2:2-5", "100:2:8-8"]);
  checkFields([0x0b, 0x10, 1, 0x1b, 0x1c, 0x0c, 0x20, 7], ["1:3:1-6", "4:0:7-8"]);
});

test("malformed bytes end the reading with a fault", () => {
  checkFields([0x08], [], "a number is cut off");
  checkFields([0x08, 0x80], [], "a number is cut off");
  checkFields([0x08, ...Array.from({ length: 11 }, () => 0x80)], [], "a number is longer than 10 bytes");
  checkFields([0x0a, 5, 1, 2], [], "a field is longer than what is left");
  checkFields([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [], "a field is longer than what is left");
  checkFields([0x00, 1], [], "no field can have this number");
  checkFields([0x0e], [], "no field can have the wire type 6");
  checkFields([0x0c], [], "a group ends that never began");
  checkFields([0x0b, 0x14], [], "a group ends that never began");
  checkFields([0x0b, 0x10, 1], [], "a group does not end");
});

test("groups nest up to protobuf's limit", () => {
  const nested = (depth: number): number[] => [...Array.from({ length: depth }, () => 0x0b), ...Array.from({ length: depth }, () => 0x0c)];
  expect(fields(Uint8Array.from(nested(100))).fault).toBeUndefined();
  expect(fields(Uint8Array.from(nested(101))).fault).toBe("groups are nested more than 100 deep, the limit modelNesting");
});

test("varints of any size and sign come back, also across the window's edge", () => {
  const cases = [0, 1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 32 + 5, 2 ** 53 - 1, -1, -5, -(2 ** 31), -(2 ** 40)];
  for (const padding of [0, 65_530, 65_535]) {
    for (const value of cases) {
      const bytes = joinBytes([new Uint8Array(padding), protobuf.Writer.create().int64(value).finish()]);
      const cursor = openCursor(memorySource(bytes));
      cursor.position = 1;
      if (padding > 0) expect(readVarint(cursor, bytes.length)).toBe(true);
      cursor.position = padding;
      expect(readVarint(cursor, bytes.length)).toBe(true);
      expect(signedValue(cursor)).toBe(value);
      expect(cursor.position).toBe(bytes.length);
    }
  }
});

test("what is encoded equals what protobufjs writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 29 - 1 }), fc.maxSafeNat(), fc.string({ unit: "binary" }), (field, number, text) => {
      expect(encodeVarint(number)).toEqual(Uint8Array.from(protobuf.Writer.create().int64(number).finish()));
      const tag = (wire: number): protobuf.Writer => protobuf.Writer.create().uint32(field * 8 + wire);
      expect(encodeVarintField(field, number)).toEqual(Uint8Array.from(tag(0).int64(number).finish()));
      expect(encodeBytesField(field, text)).toEqual(Uint8Array.from(tag(2).string(text).finish()));
      expect(encodeHeader(field, number)).toEqual(Uint8Array.from(tag(2).int64(number).finish()));
    }),
  );
});

test("any bytes end in fields or a fault, and every field lies inside", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const cursor = openCursor(memorySource(bytes));
      while (nextField(cursor, bytes.length)) {
        expect(cursor.valueStart).toBeGreaterThan(cursor.fieldStart);
        expect(cursor.valueEnd).toBeLessThanOrEqual(bytes.length);
      }
      if (cursor.fault === undefined) expect(cursor.position).toBe(bytes.length);
    }),
    { numRuns: 500 },
  );
});

test("a message's fields are found where protobufjs put them", () => {
  const bytes = message([[1, "net"], [4, 300], [100, [[1, "conv1"]]]]);
  expect(fields(bytes)).toEqual({ seen: ["1:2:2-5", "4:0:6-8", "100:2:11-18"], fault: undefined });
});
