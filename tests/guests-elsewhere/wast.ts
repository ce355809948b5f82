import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BandstandError, messageOf } from "../../src/foundation/errors/index.ts";
import { ScriptInstance, wat } from "../../src/wasm/testkit/index.ts";
import { assembled, topLevel, unquoted, type Expression } from "./wast-text.ts";

/** What became of the assertions of one script. */
export interface ScriptOutcome {
  name: string;
  passed: number;
  failures: string[];
  /** Components that are refused by name, or that the assembler does not know, with all that is asserted of them. */
  refused: string[];
  skipped: number;
}

/** Runs the scripts of a folder (https://github.com/WebAssembly/component-model/tree/main/test), and says what each did. */
export async function tellScripts(folder: string): Promise<void> {
  console.log("\n| script | right | wrong | left out |\n| --- | --- | --- | --- |");
  const sums = [0, 0, 0];
  for (const { name, passed, failures, refused, skipped } of await runScripts(folder)) {
    const counts = [passed, failures.length, skipped];
    for (const [i, count] of counts.entries()) sums[i]! += count;
    console.log(`| ${name} | ${counts.join(" | ")} |`);
    for (const failure of failures) console.log(`  wrong: ${failure}`);
    for (const reason of new Set(refused)) console.log(`  refused: ${reason}`);
  }
  console.log(`| in all | ${sums.join(" | ")} |`);
}

async function runScripts(folder: string): Promise<ScriptOutcome[]> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wast"));
  const outcomes: ScriptOutcome[] = [];
  for (const name of names.toSorted())
    outcomes.push(await new Script(name).run(readFileSync(join(folder, name), "utf8")));
  return outcomes;
}

type Found = ScriptInstance | { refused: string };

class Script {
  readonly #outcome: ScriptOutcome;
  readonly #definitions = new Map<string, string>();
  readonly #instances = new Map<string, Found>();
  #last: Found = { refused: "no component yet" };

  constructor(name: string) {
    this.#outcome = { name, passed: 0, failures: [], refused: [], skipped: 0 };
  }

  async run(script: string): Promise<ScriptOutcome> {
    for (const { text, list } of topLevel(script)) {
      const [head] = list;
      if (head === "component") await this.#component(text, list);
      else if (head === "assert_return") await this.#returns(list);
      else if (head === "assert_trap") await this.#traps(list);
      else if (head === "invoke") await this.#returns(["assert_return", list]);
      else this.#outcome.skipped++;
    }
    return this.#outcome;
  }

  async #component(text: string, list: Expression[]): Promise<void> {
    const [, second, third, fourth] = list;
    if (second === "definition") {
      this.#definitions.set(typeof third === "string" ? third : "", text);
      return;
    }
    const isInstance = second === "instance";
    const source = isInstance ? (this.#definitions.get(fourth as string) ?? "") : text;
    const found = await this.#made(source);
    const name = isInstance ? third : second;
    if (!isInstance && typeof second === "string" && second.startsWith("$")) this.#definitions.set(second, text);
    if (typeof name === "string") this.#instances.set(name, found);
    this.#last = found;
  }

  async #made(source: string): Promise<Found> {
    try {
      return await ScriptInstance.of(await wat(assembled(source)));
    } catch (error) {
      const isRefused = error instanceof BandstandError && error.code === "component-unsupported";
      const refused = messageOf(error).split("\n")[0]!.slice(0, 200);
      const where = isRefused ? this.#outcome.refused : this.#outcome.failures;
      if (/ErrorInner/.test(refused))
        this.#outcome.refused.push(
          `assembler: ${/text: Some[^}]*snippet: (.*)/.exec(messageOf(error))?.[1]?.slice(0, 100)}`,
        );
      else where.push(`component: ${refused}`);
      return { refused };
    }
  }

  async #returns([, invoke, ...wanted]: Expression[]): Promise<void> {
    const called = await this.#call(invoke as Expression[]);
    if (called === undefined) return;
    const what = JSON.stringify(invoke);
    if ("error" in called) this.#outcome.failures.push(`${what}: ${messageOf(called.error).split("\n")[0]}`);
    else {
      const got = shown(called, wanted);
      if (got === undefined) this.#outcome.skipped++;
      else if (got !== JSON.stringify(wanted))
        this.#outcome.failures.push(`${what}: ${got}, expected ${JSON.stringify(wanted)}`);
      else this.#outcome.passed++;
    }
  }

  async #traps([, action, message]: Expression[]): Promise<void> {
    if (!Array.isArray(action)) return;
    if (action[0] !== "invoke") {
      const isInstance = action[0] === "component" && action[1] === "instance";
      this.#outcome.skipped++;
      if (!isInstance) return;
      return;
    }
    const called = await this.#call(action);
    if (called === undefined) return;
    if ("error" in called) {
      this.#outcome.passed++;
    } else this.#outcome.failures.push(`${JSON.stringify(action)}: no trap, expected ${JSON.stringify(message)}`);
  }

  async #call(
    list: Expression[],
  ): Promise<Awaited<ReturnType<ScriptInstance["call"]>> | { error: unknown } | undefined> {
    const [, first, ...rest] = list;
    const isNamed = typeof first === "string" && first.startsWith("$");
    const found = isNamed ? this.#instances.get(first) : this.#last;
    const [name, ...args] = (isNamed ? rest : [first!, ...rest]) as [string, ...Expression[]];
    if (found === undefined || "refused" in found) {
      this.#outcome.skipped++;
      return undefined;
    }
    const given = args.map((each) => constant(each));
    if (given.includes(undefined)) {
      this.#outcome.skipped++;
      return undefined;
    }
    try {
      return await found.call(unquoted(name), given as (number | bigint | string)[]);
    } catch (error) {
      return { error };
    }
  }
}

function constant(expression: Expression): number | bigint | string | undefined {
  const [type, value] = expression as [string, string];
  if (/^[us]64/.test(type)) return BigInt(value);
  if (/^(?:[us](?:8|16|32)|f(?:32|64))\.const$/.test(type)) return Number(value);
  if (type === "bool.const") return value === "true" ? 1 : 0;
  if (type === "str.const") return unquoted(value);
  if (type === "char.const") return unquoted(value).codePointAt(0);
  return undefined;
}

/** The answer in the form of what is wanted, where that is simple; undefined: it is not. */
function shown(
  { values, memory }: { values: readonly (number | bigint)[]; memory: WebAssembly.Memory | undefined },
  wanted: Expression[],
): string | undefined {
  if (wanted.length === 0) return "[]";
  const [type] = wanted[0] as [string];
  let [value] = values;
  if (value === undefined) return "nothing";
  if (/^[us](?:8|16|32)\.const$/.test(type)) {
    const want = constant(wanted[0]!);
    if (type.startsWith("u")) value = (value as number) >>> 0;
    return value === want ? JSON.stringify(wanted) : `${value}`;
  }
  if (type === "str.const") {
    let length = values[1] as number | undefined;
    if (length === undefined) {
      const view = new DataView(memory!.buffer);
      [value, length] = [view.getUint32(value as number, true), view.getUint32((value as number) + 4, true)];
    }
    const text = Buffer.from(memory!.buffer, value as number, length).toString();
    return text === constant(wanted[0]!) ? JSON.stringify(wanted) : text;
  }
  if (/^(?:[us]64|f32|f64|bool|char)\.const$/.test(type))
    return value === constant(wanted[0]!) ? JSON.stringify(wanted) : `${value}`;
  return undefined;
}
