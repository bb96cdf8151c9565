// Checks that a tag, package.json and CHANGELOG.md name the same version, and writes that version's notes to build/notes.md:
//   node scripts/check-release.mjs v1.2.3
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [tag = ""] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
if (tag !== `v${version}`) {
  console.error(`check-release: the tag is '${tag}', package.json says ${version}.`);
  process.exit(1);
}
const sections = readFileSync("CHANGELOG.md", "utf8").split(/^## /m);
const notes = sections.find((section) => section.startsWith(`${version} (`));
if (notes === undefined || notes.startsWith(`${version} (unreleased)`)) {
  console.error(`check-release: CHANGELOG.md has no section '## ${version} (date)'.`);
  process.exit(1);
}
mkdirSync("build", { recursive: true });
writeFileSync("build/notes.md", notes.slice(notes.indexOf("\n")).trim() + "\n");
console.log(`${tag}: notes in build/notes.md`);
