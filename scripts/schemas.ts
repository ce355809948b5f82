// Writes schemas/*.json, the JSON Schemas that editors use, from the schemas that parsing uses.
// With --check, says which are stale and changes nothing.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemas } from "../src/model/json-schema/json-schema.ts";

const folder = join(import.meta.dirname, "../schemas");
mkdirSync(folder, { recursive: true });
const wanted = new Map([...jsonSchemas()].map(([file, schema]) => [file, `${JSON.stringify(schema, null, 2)}\n`]));
const there = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));

if (process.argv.includes("--check")) {
  const files = new Set([...wanted.keys(), ...there.keys()]);
  const stale = [...files].filter((file) => wanted.get(file) !== there.get(file));
  if (stale.length > 0) {
    process.stderr.write(`stale in schemas/: ${stale.join(", ")}; write them: node scripts/schemas.ts\n`);
    process.exitCode = 1;
  }
} else {
  for (const file of there.keys()) if (!wanted.has(file)) rmSync(join(folder, file));
  for (const [file, text] of wanted) writeFileSync(join(folder, file), text);
}
