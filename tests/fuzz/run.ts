import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { sameAgain } from "./check.ts";
import { coreModules, wasmFiles, wasmOf } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { fuzzPuppets } from "./puppets.ts";
import { seeds } from "./seeds.ts";

// npm run fuzz -- [--seconds 60] [--first N] [--corpus DIR | --puppets]
const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    first: { type: "string" },
    corpus: { type: "string" },
    puppets: { type: "boolean" },
  },
});
const seconds = Number(values.seconds ?? 60);
const first = Number(values.first ?? Date.now() % 1_000_000_000);
/** Bytes of a file that is worth being damaged: larger ones take long and say no more. */
const largest = 300_000;

if (values.puppets === true) {
  console.log(`guests of WASI 0.3 that do anything, first batch ${first}, ${seconds} s`);
  const { runs, answered, findings: all } = await fuzzPuppets({ first, seconds });
  for (const { seed, what } of all) console.log(`\nbatch ${seed}:\n${what}`);
  console.log(`${runs} scripts (${answered} answered), ${all.length} findings`);
  process.exit(all.length === 0 ? 0 : 1);
}

const files = values.corpus === undefined ? [] : wasmFiles(resolve(values.corpus));
for (const module of files.flatMap((path) => coreModules(wasmOf(path) ?? Buffer.of()))) sameAgain(module);
const others = files.map(wasmOf).filter((bytes) => bytes !== undefined && bytes.length < largest) as Buffer[];
const all = [...(await seeds()), ...others];
console.log(`${all.length} files to damage, first input ${first}, ${seconds} s`);
const { inputs, taken, programs, findings } = await fuzz({ seeds: all, first, seconds });
for (const { seed, what } of findings) console.log(`\ninput ${seed}:\n${what}`);
console.log(`${inputs} inputs (${taken} taken, the others refused), ${programs} programs, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
