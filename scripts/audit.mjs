// Asks the npm registry for known weaknesses of packages: `node scripts/audit.mjs`. Those in what is shipped (THIRD-PARTY-NOTICES.txt lists them) count;
// those of tools that only build and test are told. Exit codes: 0 asked, and none that counts is high or critical; 1 found some; 3 not run: the registry could not be asked, which says nothing of the packages.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const NOT_RUN = 3;

// npm says of an audit that it did not make, because it is set to be offline or not to audit, that it found nothing.
const args = ["audit", "--json", "--offline=false", "--audit=true", "--fetch-retries=1", "--fetch-timeout=20000"];
const npm = process.env.npm_execpath;
const { stdout, stderr, error } = spawnSync(npm === undefined ? "npm" : process.execPath, npm === undefined ? args : [npm, ...args], { encoding: "utf8", shell: npm === undefined && process.platform === "win32" });
const report = parsed(stdout);
const found = report?.metadata?.vulnerabilities;
if (typeof found?.total !== "number") {
  const why = report?.message || report?.error?.summary || /npm error (.*)/.exec(stderr ?? "")?.[1] || error?.message || "npm gave no answer";
  console.log(`not run: the registry could not be asked (${why}). Nothing is known about the packages.`);
  process.exitCode = NOT_RUN;
} else {
  const shipped = new Set([...readFileSync("THIRD-PARTY-NOTICES.txt", "utf8").matchAll(/^-{80}\n(\S+) \S+ \(/gm)].map(([, name]) => name));
  if (!shipped.has("onnxruntime-node")) throw new Error("THIRD-PARTY-NOTICES.txt does not name what is shipped");
  let serious = 0;
  for (const { name, severity, via, range } of Object.values(report.vulnerabilities)) {
    if (shipped.has(name) && (severity === "high" || severity === "critical")) serious++;
    const what = via.map((one) => (typeof one === "string" ? `through ${one}` : `${one.title} (${one.url})`)).join("; ");
    console.log(`${severity}: ${[name, range].filter(Boolean).join(" ")}${shipped.has(name) ? "" : ", which is not shipped"}: ${what}`);
  }
  console.log(`${report.metadata.dependencies.total} packages asked for: ${found.total} with known weaknesses; of the ${shipped.size} that are shipped, ${serious} with high or critical ones`);
  process.exitCode = serious > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
