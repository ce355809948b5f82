import { functionsOf, type PuppetKind } from "./component.ts";
import type { Line, Operand } from "./script.ts";

/** An answer that is one: status 200, without a body. Its registers: r the response, s the future that tells how it got through. */
export const answers: readonly Line[] = [
  ["fields", [], "f"],
  ["trailers.new", [], "tu"],
  ["response", ["f", 0, 0, "t", 64]],
  ["load", [64], "r"],
  ["load", [68], "s"],
  ["fill", [128, 0, 64]],
  ["trailers.write", ["u", 128]],
  ["task.return", [0, "r", 0, 0, 0, 0, 0, 0]],
];

/** By what a script may use for a parameter: a kind of handle, or one of these. */
const [place, count, number, flag] = ["a place", "a count", "a number", "a flag"];

/** What functions take, where that is no end of a stream or future. */
const takes: Record<string, readonly string[]> = {
  "task.return": [flag, "response", number, number, number, number, number, number],
  "return-other": [number, number],
  "return-string": [place, count],
  "context.set": [number],
  "subtask.cancel": ["subtask"],
  "subtask.cancel-here": ["subtask"],
  "subtask.drop": ["subtask"],
  "set.poll": ["set", place],
  "set.wait": ["set", place],
  "set.wait-cancellable": ["set", place],
  "set.drop": ["set"],
  join: ["waitable", "set"],
  "context-of-error.new": [place, count],
  "context-of-error.message": ["context-of-error", place],
  "context-of-error.drop": ["context-of-error"],
  "fields.append": ["fields", place, count, place, count, place],
  "fields.all": ["fields", place],
  response: ["fields", flag, "bytes.reader", "trailers.reader", place],
  "response.status": ["response", number],
  "response.headers": ["response"],
  "response.consume": ["response", "sent.reader", place],
  request: ["fields", flag, "bytes.reader", "trailers.reader", flag, number, place],
  "request.headers": ["request"],
  "request.authority": ["request", flag, place, count],
  "request.scheme": ["request", flag, flag, place, count],
  "request.path": ["request", place],
  "request.consume": ["request", "sent.reader", place],
  send: ["request", place],
  "send-here": ["request", place],
  sleep: [number],
  "sleep-here": [number],
  "drop-fields": ["fields"],
  "drop-request": ["request"],
  "drop-response": ["response"],
  child: [place, count, place],
  "child-here": [place, count],
  "child-with": [place, count, "bytes.reader", "byte.reader", place],
};

/** What functions make: in registers, or in memory at their last parameter, from where it is taken. */
const makes: Record<string, { at?: true; kinds: readonly string[] }> = {
  "set.new": { kinds: ["set"] },
  "context-of-error.new": { kinds: ["context-of-error"] },
  fields: { kinds: ["fields"] },
  "response.headers": { kinds: ["fields"] },
  "request.headers": { kinds: ["fields"] },
  response: { at: true, kinds: ["response", "sent.reader"] },
  request: { at: true, kinds: ["request", "sent.reader"] },
  "response.consume": { at: true, kinds: ["bytes.reader", "trailers.reader"] },
  "request.consume": { at: true, kinds: ["bytes.reader", "trailers.reader"] },
};

/** Answer a subtask, above four bits. */
const begins = new Set(["send", "sleep", "child", "child-with"]);

const letters = "abcdefghijklmnoprs";
const extremes = [0, 1, -1, 7, 0xffff, 0x5fffc, 0x60000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 2 ** 28, 2 ** 28 - 1];

/** Writes scripts by chance: mostly things that fit each other, so that much is under way, and sometimes anything. */
export class Chance {
  readonly #random: () => number;
  readonly #functions: ReturnType<typeof functionsOf>;
  readonly #held = new Map<string, string>();
  readonly #inner: ReturnType<typeof functionsOf> | undefined;
  #lines: Line[] = [];
  #scripts = 0;

  constructor(kind: PuppetKind, random: () => number, inside = false) {
    this.#random = random;
    this.#functions = functionsOf({ ...kind, inside });
    this.#inner = kind.composed === true && !inside ? functionsOf({ ...kind, inside: true }) : undefined;
    this.#kind = kind;
    this.#inside = inside;
  }

  readonly #kind: PuppetKind;
  readonly #inside: boolean;

  #below(most: number): number {
    return this.#random() % most;
  }

  #often(percent: number): boolean {
    return this.#below(100) < percent;
  }

  /** @param steps calls, about. */
  script(steps: number): Line[] {
    this.#lines = [];
    if (this.#inside) {
      this.#held.set("a", "bytes.reader");
      this.#held.set("b", "byte.reader");
    } else this.#held.set("q", "request");
    const answersAt = this.#often(70) ? this.#below(steps) : -1;
    for (let n = 0; n < steps; n++) {
      if (n === answersAt) this.#answer();
      else this.#step();
    }
    if (answersAt < 0 && this.#often(50)) this.#answer();
    return this.#lines;
  }

  #answer(): void {
    if (this.#inside) this.#lines.push(["task.return", [7]]);
    else this.#lines.push(...answers);
  }

  #step(): void {
    if (this.#often(14)) return this.#wait();
    if (this.#often(2)) return void this.#lines.push(["mode", [this.#below(7)]]);
    if (this.#often(1)) return void this.#lines.push(["grow", [this.#below(3)], "_"]);
    const { name, params, result } = this.#functions[this.#below(this.#functions.length)]!;
    // Most of these end a call, or wait for what is rarely there.
    if (/cancel|backpressure|scheme/.test(name) && !this.#often(30)) return;
    // What ends the call is rarely next.
    if (/^(return|task)/.test(name) && !this.#often(5)) return;
    if (name.startsWith("child") && this.#inner !== undefined && this.#often(90)) return this.#child(name);
    const kinds = (takes[name] ?? this.#ofFlow(name, params.length)).slice(0, params.length);
    // What nothing is there for is rarely called: a script ends with its first mistake.
    if (kinds.some((kind) => this.#isMissing(kind)) && !this.#often(4)) return;
    const operands = kinds.map((kind) => this.#operand(kind));
    const made = makes[name];
    if (made?.at === true) {
      if (this.#often(90)) operands[operands.length - 1] = 64;
      this.#lines.push([name, operands]);
      for (const [i, kind] of made.kinds.entries()) this.#lines.push(["load", [64 + 4 * i], this.#register(kind)]);
      return;
    }
    if (begins.has(name)) return this.#begin(name, operands);
    if (result === "I") {
      const flow = name.split(".")[0]!;
      const [reader, writer] = [this.#register(`${flow}.reader`), this.#register(`${flow}.writer`)];
      return void this.#lines.push([name, operands, `${reader}${writer}`]);
    }
    this.#lines.push([name, operands, result === "" ? "" : this.#register(made?.kinds[0] ?? "a number")]);
  }

  #begin(name: string, operands: Operand[]): void {
    const register = this.#register("subtask");
    this.#lines.push([name, operands, register], ["shr", [register, 4], register]);
  }

  #child(name: string): void {
    const label = `script${this.#scripts++}`;
    const after = `after${label}`;
    const script = new Chance(this.#kind, this.#random, true).script(3 + this.#below(12));
    this.#lines.push(["jump", [1, after]], { label, script }, { label: after }, ["place", [label], "p"]);
    const more = name === "child-with" ? [this.#operand("bytes.reader"), this.#operand("byte.reader")] : [];
    const operands: Operand[] = ["p", `${label}.size`, ...more];
    if (name === "child-here") this.#lines.push([name, operands, "o"]);
    else this.#begin(name, [...operands, 72]);
  }

  #wait(): void {
    const set = this.#find("set");
    if (set === undefined || this.#often(30))
      return void this.#lines.push(["answer", [this.#often(95) ? 1 : this.#anything()]]);
    this.#lines.push(["pack", [2, set], "z"], ["answer", ["z"]]);
  }

  #ofFlow(name: string, params: number): string[] {
    const [flow, what = ""] = name.split(".");
    const side = /read/.test(what) ? "reader" : "writer";
    return [`${flow}.${side}`, place, count].slice(0, params);
  }

  #isMissing(kind: string): boolean {
    return !kind.startsWith("a ") && this.#find(kind) === undefined;
  }

  #operand(kind: string): Operand {
    if (this.#often(1)) return this.#anything();
    if (kind === flag) return this.#below(2);
    if (kind === place) return 256 + 8 * this.#below(400);
    if (kind === count) return this.#often(20) ? 0 : this.#below(60);
    if (kind === number) return this.#below(1000);
    return this.#find(kind) ?? letters[this.#below(letters.length)]!;
  }

  #anything(): Operand {
    if (this.#often(40)) return letters[this.#below(letters.length)]!;
    return this.#often(50) ? this.#below(30) : extremes[this.#below(extremes.length)]!;
  }

  #find(kind: string): string | undefined {
    const fits = (held: string): boolean => (kind === "waitable" ? /reader|writer|subtask/.test(held) : held === kind);
    const found = Array.from(this.#held).filter(([, held]) => fits(held));
    return found.length === 0 ? undefined : found[this.#below(found.length)]![0];
  }

  #register(kind: string): string {
    const register = letters[this.#below(letters.length)]!;
    this.#held.set(register, kind);
    return register;
  }
}
