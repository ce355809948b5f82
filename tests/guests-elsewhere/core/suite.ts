import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BandstandError, messageOf } from "../../../src/foundation/errors/index.ts";
import { decodeModule, encodeModule } from "../../../src/wasm/binary/index.ts";
import { given, isWanted, type Constant } from "./values.ts";
import { rewrittenFor, ways, World, type Way } from "./world.ts";

/**
 * Runs the scripts of the specification's test suite (https://github.com/WebAssembly/testsuite), as `wasm-tools
 * json-from-wast FILE -o FOLDER/t.json --wasm-dir FOLDER` lays them out: every module that V8 takes must encode to itself
 * and be rewritten to one that V8 takes too, and every assertion must hold in all ways that V8 itself holds it in.
 */
export function tellCore(folder: string): number {
  const totals = new Totals();
  const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  for (const script of scripts.toSorted()) new Script(join(folder, script), totals).run();
  totals.tell();
  return totals.wrong.length;
}

interface Action {
  type: "invoke" | "get";
  module?: string;
  field: string;
  args: Constant[];
}

interface Command {
  type: string;
  line: number;
  name?: string;
  as?: string;
  filename?: string;
  binary_filename?: string;
  module?: string;
  instance?: string;
  action?: Action;
  expected?: Constant[];
}

class Totals {
  modules = 0;
  same = 0;
  right: Record<Way, number> = { plain: 0, checked: 0, marked: 0 };
  engine = 0;
  unseen = 0;
  /** Modules that are refused by name, by what is said. */
  readonly refused = new Map<string, number>();
  readonly wrong: string[] = [];

  tell(): void {
    console.log(`\nmodules that V8 takes: ${this.modules}; encode to themselves: ${this.same}`);
    for (const way of ways) console.log(`assertions right, ${way}: ${this.right[way]}`);
    console.log(`left out: ${this.engine} that V8 itself does otherwise, ${this.unseen} that JavaScript cannot see`);
    for (const [reason, count] of this.refused) console.log(`refused: ${count} × ${reason}`);
    for (const wrong of this.wrong) console.log(`wrong: ${wrong}`);
  }
}

type Instances = Map<string | undefined, Record<string, unknown> | undefined>;
type Outcome = { answers: unknown[] } | { thrown: unknown } | "missing" | "unseen";

class Script {
  readonly #path: string;
  readonly #totals: Totals;
  readonly #worlds = ways.map((way) => ({ world: new World(way), instances: new Map() as Instances }));
  readonly #definitions = new Map<string | undefined, Command>();

  constructor(path: string, totals: Totals) {
    this.#path = path;
    this.#totals = totals;
  }

  run(): void {
    const { commands } = JSON.parse(readFileSync(this.#path, "utf8")) as { commands: Command[] };
    for (const command of commands) this.#command(command);
  }

  #command(command: Command): void {
    switch (command.type) {
      case "module":
        return this.#module(command, command.name);
      case "module_definition":
        return void this.#definitions.set(command.name, command);
      case "module_instance":
        return this.#module(this.#definitions.get(command.module)!, command.instance);
      case "register":
        for (const { world, instances } of this.#worlds)
          world.registered.set(command.as!, instances.get(command.name)!);
        return;
      case "action":
        return void this.#worlds.map((_, i) => this.#act(command.action!, i));
      case "assert_return":
        return this.#assert(command, (outcome) => returns(outcome, command.expected!));
      case "assert_trap":
      case "assert_exhaustion":
      case "assert_exception":
        return this.#assert(command, (outcome) => typeof outcome === "object" && "thrown" in outcome);
    }
  }

  #module(command: Command, name: string | undefined): void {
    const bytes = new Uint8Array(readFileSync(join(dirname(this.#path), command.binary_filename ?? command.filename!)));
    const isTaken = WebAssembly.validate(bytes);
    for (const { world, instances } of this.#worlds) {
      let made: Record<string, unknown> | undefined;
      if (isTaken) made = this.#made(world, bytes, command);
      instances.set(undefined, made).set(name, made);
    }
    if (!isTaken) return;
    this.#totals.modules++;
    if (Buffer.compare(encodeModule(decodeModule(bytes)), bytes) === 0) this.#totals.same++;
    else this.#wrong(command, "does not encode to itself");
  }

  #made(world: World, bytes: Uint8Array, command: Command): Record<string, unknown> | undefined {
    let rewritten: Uint8Array | undefined;
    try {
      rewritten = rewrittenFor(world.way, bytes);
    } catch (error) {
      const reason = `${world.way}: ${messageOf(error)}`;
      if (error instanceof BandstandError && error.code === "component-unsupported")
        this.#totals.refused.set(reason, (this.#totals.refused.get(reason) ?? 0) + 1);
      else this.#wrong(command, reason);
      return undefined;
    }
    try {
      return world.instance(bytes, rewritten);
    } catch (error) {
      if (world.way !== "plain") this.#wrong(command, `${world.way}: ${messageOf(error)}`);
      return undefined;
    }
  }

  #assert(command: Command, holds: (outcome: Outcome) => boolean | undefined): void {
    const [plain, ...others] = this.#worlds.map((_, i) => this.#act(command.action!, i));
    const wanted = holds(plain!);
    if (plain === "unseen" || wanted === undefined) return void this.#totals.unseen++;
    if (plain === "missing" || !wanted) return void this.#totals.engine++;
    this.#totals.right.plain++;
    for (const [i, outcome] of others.entries()) {
      const way = ways[i + 1]!;
      if (outcome === "missing") continue;
      if (holds(outcome)) this.#totals.right[way]++;
      else this.#wrong(command, `${way}: ${command.action!.field}: ${shown(outcome)} instead of ${shown(plain!)}`);
    }
  }

  #act({ type, module, field, args }: Action, way: number): Outcome {
    const exported = this.#worlds[way]!.instances.get(module)?.[field];
    if (exported === undefined) return "missing";
    if (type === "get") return { answers: [(exported as WebAssembly.Global).value] };
    const values = args.map((each) => given(each));
    if (values.includes(undefined)) return "unseen";
    try {
      const answer = (exported as (...args: unknown[]) => unknown)(...values.map((each) => each!.value));
      return { answers: answer === undefined ? [] : Array.isArray(answer) ? answer : [answer] };
    } catch (thrown) {
      return thrown instanceof TypeError ? "unseen" : { thrown };
    }
  }

  #wrong({ line }: Command, what: string): void {
    this.#totals.wrong.push(`${dirname(this.#path).split("/").slice(-2).join("/")}:${line}: ${what}`);
  }
}

function returns(outcome: Outcome, expected: Constant[]): boolean | undefined {
  if (outcome === "unseen") return undefined;
  if (outcome === "missing" || "thrown" in outcome || outcome.answers.length !== expected.length) return false;
  const each = outcome.answers.map((answer, i) => isWanted(answer, expected[i]!));
  return each.includes(undefined) ? undefined : !each.includes(false);
}

function shown(outcome: Outcome): string {
  if (typeof outcome === "string") return outcome;
  return "thrown" in outcome ? messageOf(outcome.thrown) : outcome.answers.map(String).join(", ");
}
