// Packs the files of a folder into one compressed file that test/support/pack.ts reads.
//   node scripts/pack.mjs FOLDER TARGET
// Layout before compression: length of the index (uint32, little-endian), index as JSON { path: [offset, length] }, the files.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const [folder, target] = process.argv.slice(2);
if (folder === undefined || target === undefined) {
  console.error("usage: node scripts/pack.mjs FOLDER TARGET");
  process.exit(2);
}

const files = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name.toString()))
  .filter((path) => statSync(path).isFile())
  .sort();
const index = {};
let offset = 0;
const parts = files.map((path) => {
  const data = readFileSync(path);
  index[relative(folder, path)] = [offset, data.length];
  offset += data.length;
  return data;
});
const head = Buffer.from(JSON.stringify(index));
const size = Buffer.alloc(4);
size.writeUInt32LE(head.length);
const packed = brotliCompressSync(Buffer.concat([size, head, ...parts]), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
writeFileSync(target, packed);
console.log(`${files.length} files, ${offset} bytes, packed to ${packed.length}`);
