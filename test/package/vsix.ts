import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/** The files of a .vsix by their paths, unpacked. */
export function filesIn(vsix: string): Map<string, Buffer> {
  const bytes = readFileSync(vsix);
  // The end record is the last thing in a zip file without a comment, and says where the list of files is.
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06"));
  const files = new Map<string, Buffer>();
  for (let i = 0, at = bytes.readUInt32LE(end + 16); i < bytes.readUInt16LE(end + 10); i++) {
    const [method, packed, nameLength, extra, comment, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(from, from + packed);
    files.set(name, method === 8 ? inflateRawSync(data) : data);
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

/** What a native program or library runs on, by its first bytes, such as `linux-x64`; undefined for any other file. */
export function platformOf(bytes: Buffer): string | undefined {
  if (bytes.length < 64) return undefined;
  const magic = bytes.readUInt32BE(0);
  if (magic === 0x7f454c46) return `linux-${{ 62: "x64", 183: "arm64" }[bytes.readUInt16LE(18)] ?? "other"}`;
  if (magic === 0xcffaedfe) return `darwin-${{ 0x01000007: "x64", 0x0100000c: "arm64" }[bytes.readUInt32LE(4)] ?? "other"}`;
  if (magic === 0xcafebabe) return "darwin-several";
  const header = bytes.toString("latin1", 0, 2) === "MZ" ? bytes.readUInt32LE(0x3c) : bytes.length;
  if (header + 6 > bytes.length || bytes.toString("latin1", header, header + 4) !== "PE\0\0") return undefined;
  return `win32-${{ 0x8664: "x64", 0xaa64: "arm64" }[bytes.readUInt16LE(header + 4)] ?? "other"}`;
}
