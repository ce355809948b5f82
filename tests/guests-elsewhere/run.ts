import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../src/foundation/errors/index.ts";
import { tellCore } from "./core/suite.ts";
import { files } from "./files.ts";
import { guests } from "./list.ts";
import { bytesOf } from "./source.ts";
import { tellScripts } from "./wast.ts";
import { runSuite } from "./suite.ts";
import { tryGuest } from "./try.ts";

// npm run guests -- --from DIR [--suite] [--scripts FOLDER] [--core FOLDER]
// DIR holds Git repositories, each named owner+name, and in `made` what toolchains made (docs/guests.md says how).
const { values } = parseArgs({
  options: {
    from: { type: "string" },
    suite: { type: "boolean" },
    scripts: { type: "string" },
    core: { type: "string" },
  },
});
if (values.from === undefined) throw new Error("name the folder of repositories: --from DIR");
const { from } = values;
const scratch = mkdtempSync(join(tmpdir(), "bandstand-guests-"));
process.env["BANDSTAND_STATE"] = join(scratch, "state");

let failures = 0;
console.log("| guest | made with | what it did |\n| --- | --- | --- |");
for (const { name, made, source, call } of [...guests, ...files]) {
  const bytes = bytesOf(source, from);
  if (typeof bytes === "string") {
    console.log(`| ${name} | ${made} | ${bytes} |`);
    continue;
  }
  const file = join(scratch, "guest.wasm");
  writeFileSync(file, bytes);
  let did: string;
  try {
    did = await tryGuest(file, bytes, call);
  } catch (error) {
    failures++;
    did = `**failed**: ${messageOf(error).split("\n")[0]}`;
  }
  console.log(`| ${name} | ${made} | ${did} |`);
}
for (const [version, label] of values.suite === true
  ? ([
      ["wasip1", "0.1"],
      ["wasip3", "0.3"],
    ] as const)
  : []) {
  const outcomes = await runSuite(from, version);
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  failures += failed.length;
  console.log(
    `\nWASI test suite, ${label}: ${outcomes.length - failed.length} of ${outcomes.length} programs as expected`,
  );
  for (const { name, failure } of failed) console.log(`- ${name}: ${failure}`);
}
if (values.scripts !== undefined) await tellScripts(values.scripts);
if (values.core !== undefined) failures += tellCore(values.core);
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failures === 0 ? 0 : 1;
