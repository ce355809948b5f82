import { type Kind, type Signature, typeOf } from "./wild.ts";
import { kindsOfLocals, type Label, WildLeaves } from "./wild-leaves.ts";

/** Writes the code of one function. */
export class Wild extends WildLeaves {
  #results: Kind[] = [];
  /** Statements that may still be written. */
  #room = 0;
  /** Writes a jump to another piece of the dispatch that we are in, from within so many blocks that are no labels. */
  #go: ((within: number) => string) | undefined;

  function(index: number, { params, results }: Signature): string {
    const more = [...kindsOfLocals, ...(this.world.exceptions === "new" ? (["e"] as const) : []), "i32" as const];
    this.locals = [...params, ...more];
    this.#results = results;
    this.labels = [{ kinds: results, loop: false }];
    this.#room = 10 + this.draw.below(50);
    const body = `${this.draw.chance(2) ? this.dispatch() : ""} ${this.statements(4)} ${this.values(results, 2)}`;
    const type = results.map((kind) => typeOf[kind]).join(" ");
    return `(func $f${index} (export "f${index}") (param ${params.map((kind) => typeOf[kind]).join(" ")}) (result ${type})
      (local ${more.map((kind) => typeOf[kind]).join(" ")}) call $burn ${body})`;
  }

  statements(depth: number): string {
    return Array.from({ length: this.draw.below(5) }, () => this.statement(depth)).join("\n");
  }

  /** Code that leaves the stack as it was. */
  statement(depth: number): string {
    const draw = this.draw;
    if (this.#room-- <= 0) return "nop";
    if (depth > 0 && draw.chance(2)) return this.nested(depth - 1);
    switch (draw.below(15)) {
      case 0:
      case 1: {
        const local = this.#assigned();
        return `${this.value(this.locals[local]!, 2)} local.set ${local}`;
      }
      case 2: {
        const at = draw.below(this.world.globals.length);
        return `${this.value(this.world.globals[at]!, 2)} global.set $g${at}`;
      }
      case 3:
      case 4:
      case 5:
        return this.store();
      case 6:
        return this.stretch();
      case 7:
        return this.branch();
      case 8:
        return this.call();
      case 9:
        return this.objects();
      case 10:
        return this.throwing();
      case 11:
        return this.tables();
      case 12: {
        const memory = draw.below(this.world.memories.length);
        return `${this.address(memory, draw.below(2))} memory.grow $m${memory} drop`;
      }
      case 13:
        return draw.chance(20) ? `unreachable ${this.dead()}` : this.walk();
      default: {
        const kinds = draw.list(3, this.kinds());
        return `${this.values(kinds, 1)} ${this.statement(Math.max(depth - 1, 0))} ${"drop ".repeat(kinds.length)}`;
      }
    }
  }

  /** Blocks, loops, branches of an `if`, and handlers; with parameters and results, or without. */
  nested(depth: number): string {
    const draw = this.draw;
    const many = draw.chance(3);
    const params = many ? draw.list(2, this.kinds()) : [];
    const results = many ? draw.list(3, this.kinds()) : [];
    const type = `${params.length > 0 ? `(param ${this.types(params)})` : ""} ${results.length > 0 ? `(result ${this.types(results)})` : ""}`;
    const drops = "drop ".repeat(results.length);
    const before = this.values(params, 1);
    const inside = (label: Label): string => {
      this.labels.push(label);
      const text = `${"drop ".repeat(params.length)} ${label.loop ? "call $burn" : ""} ${this.statements(depth)} ${this.values(results, 1)}`;
      this.labels.pop();
      return text;
    };
    switch (draw.below(this.world.exceptions === "none" ? 6 : 9)) {
      case 0:
      case 1:
        return `${before} block ${type} ${inside({ kinds: results, loop: false })} end ${drops}`;
      case 2:
      case 3:
        return `${before} loop ${type} ${inside({ kinds: params, loop: true })} end ${drops}`;
      case 4: {
        const label = { kinds: results, loop: false };
        return `${before} ${this.value("i32", 1)} if ${type} ${inside(label)} else ${inside(label)} end ${drops}`;
      }
      case 5:
        return this.counted(depth);
      default:
        return this.world.exceptions === "new" ? this.tries(depth) : this.triesAsOnce(depth);
    }
  }

  /** A loop of so many rounds that stores as it goes. */
  counted(depth: number): string {
    const draw = this.draw;
    const local = this.local("i32");
    if (local === undefined) return "nop";
    const step = draw.pick([1, 2, 4, 8, 250, 1000]);
    this.taken.add(local);
    this.labels.push({ kinds: [], loop: true });
    const body = draw.chance(2) ? this.store() : this.statements(depth);
    this.labels.pop();
    this.taken.delete(local);
    const next = `local.get ${local} i32.const ${step} i32.sub local.tee ${local} i32.const 0 i32.gt_s`;
    return `i32.const ${draw.below(9) * step} local.set ${local} loop ${body} ${next} ${draw.pick(["br_if 0", "if br 1 end"])} end`;
  }

  tries(depth: number): string {
    const draw = this.draw;
    const [tag, kinds] = draw.pick<[string, Kind[]]>([
      ["$e", ["i32"]],
      ["$f", ["i64", "i32"]],
      ["$g", []],
    ]);
    const ref = draw.chance(2);
    const all: Kind[] = ref ? [...kinds, "e"] : kinds;
    const other = draw.chance(2) ? `(catch_all${draw.chance(2) ? "_ref $y" : " $x"})` : "";
    this.labels.push({ kinds: all, loop: false }, { kinds: ["e"], loop: false }, { kinds: [], loop: false });
    const after = this.statements(depth);
    this.labels.push({ kinds: [], loop: false });
    const body = this.statements(depth);
    this.labels.length -= 4;
    const into = all.map((kind) => this.#keep(kind)).toReversed();
    return `block $z (result ${this.types(all)}) block $y (result exnref) block $x
      try_table (catch${ref ? "_ref" : ""} ${tag} $z) ${other} ${body} end ${after} end
      ${this.values(all, 1)} br $z end ${draw.chance(3) ? "throw_ref" : `drop ${this.values(all, 1)} br $z`} end ${into.join(" ")}`;
  }

  triesAsOnce(depth: number): string {
    const draw = this.draw;
    this.labels.push({ kinds: [], loop: false });
    const body = this.statements(depth);
    if (draw.chance(4)) {
      this.labels.pop();
      return `try ${body} delegate ${draw.below(this.labels.length)}`;
    }
    this.labels.at(-1)!.handler = true;
    const catches = `catch $e ${this.#keep("i32")} ${this.statements(depth)}`;
    const rest = draw.chance(2) ? `catch_all ${this.statements(depth)}` : "";
    this.labels.pop();
    return `try ${body} ${catches} ${rest} end`;
  }

  /** A value from the stack into a local, or nowhere. */
  #keep(kind: Kind): string {
    const local = this.local(kind);
    return local === undefined || this.draw.chance(3) ? "drop" : `local.set ${local}`;
  }

  branch(): string {
    const draw = this.draw;
    if (this.#go !== undefined && draw.chance(4)) return `${this.value("i32", 1)} if ${this.#go(1)} end`;
    const open = [...this.labels.keys()].filter((label) => this.labels.at(-1 - label)!.closed !== true);
    const label = draw.pick(open);
    const { kinds, loop } = this.labels.at(-1 - label)!;
    const burn = loop ? "call $burn" : "";
    // Within the `if` no labels are counted, so no blocks are to stand there.
    const along = this.values(kinds, 0);
    const drops = "drop ".repeat(kinds.length);
    switch (draw.below(6)) {
      case 0:
        return `${this.value("i32", 1)} if ${burn} ${along} br ${label + 1} ${this.dead()} end`;
      case 1:
        return draw.chance(4) ? `${burn} ${along} br ${label} ${this.dead()}` : "nop";
      case 2:
        return `${burn} ${along} ${this.value("i32", 1)} br_if ${label} ${drops}`;
      case 3: {
        const fitting = open.filter((other) => String(this.labels.at(-1 - other)!.kinds) === String(kinds));
        const labels = Array.from({ length: 1 + draw.below(6) }, () => draw.pick(fitting));
        return `${this.value("i32", 1)} if call $burn ${along} ${this.value("i32", 1)} br_table ${labels.map((n) => n + 1).join(" ")} ${this.dead()} end`;
      }
      case 4:
        return kinds.length === 0 && !loop ? `${this.value("s", 1)} br_on_null ${label} drop` : "nop";
      default:
        return draw.chance(5) ? `${this.values(this.#results, 1)} return ${this.dead()}` : "nop";
    }
  }

  /** What stands where nobody comes: its operands come from nowhere. */
  dead(): string {
    const draw = this.draw;
    const more = Array.from({ length: draw.below(3) }, () =>
      draw.pick([
        "i32.add drop", "drop", "i32.const 1 select drop", "i64.store", "memory.fill", "call $f0 drop", "local.tee 0 drop", "unreachable",
        "block (param i32) (result i64) drop i64.const 1 end drop", "loop (param i32) drop end", "if (result i32) i32.const 1 else i32.const 2 end drop",
        "nop", "return", "br 0", "br_if 0 unreachable",
      ]),
    ); // prettier-ignore
    return more.join(" ");
  }

  call(): string {
    const draw = this.draw;
    const index = draw.below(this.world.functions.length);
    const { params, results } = this.world.functions[index]!;
    const args = this.values(params, 1);
    const drops = results.map((kind) => this.#keep(kind)).toReversed().join(" "); // prettier-ignore
    const type = `(param ${this.types(params)}) (result ${this.types(results)})`;
    const tail = String(results) === String(this.#results);
    switch (draw.below(6)) {
      case 0:
        return `${args} i32.const ${index} call_indirect $table ${type} ${drops}`;
      case 1:
        return `${this.value("i32", 1)} ${this.value("func", 1)} call_ref $t drop`;
      case 2:
        return tail && draw.chance(2)
          ? `${this.value("i32", 0)} if ${this.values(params, 0)} return_call $f${index} ${this.dead()} end`
          : "nop";
      case 3:
        return tail && draw.chance(2)
          ? `${this.value("i32", 0)} if ${this.values(params, 0)} i32.const ${index} return_call_indirect $table ${type} ${draw.pick(["", "unreachable"])} end`
          : "nop";
      default:
        return `${args} call $f${index} ${draw.chance(30) ? "unreachable" : drops}`;
    }
  }

  throwing(): string {
    const draw = this.draw;
    if (this.world.exceptions === "none") return "nop";
    const throws = draw.pick([
      `${this.value("i32", 0)} throw $e`,
      `${this.value("i64", 0)} ${this.value("i32", 0)} throw $f`,
      `throw $g`,
    ]);
    const handler = this.labels.findLastIndex((label) => label.handler === true);
    if (handler >= 0 && draw.chance(2))
      return `${this.value("i32", 1)} if rethrow ${this.labels.length - handler} ${this.dead()} end`;
    const test = this.value("i32", 1);
    const e = this.local("e");
    if (e !== undefined && draw.chance(3)) return `${test} if local.get ${e} throw_ref ${this.dead()} end`;
    return `${test} if ${throws} ${this.dead()} end`;
  }

  #assigned(): number {
    let local: number;
    do local = this.draw.below(this.locals.length);
    while (this.taken.has(local));
    return local;
  }

  /** Pieces in a loop that begins with the one that a local says, as Go's compiler writes functions; or what is nearly so. */
  dispatch(): string {
    const draw = this.draw;
    const count = 1 + draw.below(9);
    const local = this.locals.length - 1;
    // One thing that is otherwise, mostly none.
    const odd = draw.chance(2) ? draw.below(14) : -1;
    if (odd !== 0) this.taken.add(local);
    this.labels.push({ kinds: [], loop: odd === 1 });
    const top = this.labels.push({ kinds: [], loop: true, closed: odd !== 3 }) - 1;
    this.#go = (within) => this.#jump(count, local, odd, this.labels.length - 1 - top + within);
    const pieces = Array.from({ length: count }, (_, piece) => {
      const further = count - 1 - piece;
      for (let n = further; n > 0; n--) this.labels.push({ kinds: [], loop: false, closed: odd !== 4 });
      const text = this.#piece(local);
      this.labels.length -= further;
      return text;
    });
    this.#go = undefined;
    this.labels.length -= 2;
    this.taken.delete(local);
    const table = Array.from({ length: 1 + draw.below(count + 3) }, (_, i) => {
      if (odd === 5 && draw.chance(4)) return count + 1;
      return draw.chance(3) ? draw.below(count) : Math.min(i, count - 1);
    });
    const start = odd === 6 ? "" : `${this.value("i32", 1)} i32.const 15 i32.and local.set ${local}`;
    const outer = odd === 1 ? "loop call $burn" : odd === 2 ? "i32.const 1 if" : "block";
    const head = odd === 7 ? `local.get ${local} i32.const 1 i32.xor` : `local.get ${local}`;
    const after = odd === 9 ? `local.get ${local} global.set $g0` : "";
    return `${start} ${outer} loop ${odd === 10 ? "call $burn" : ""} ${"block ".repeat(count)} ${head} br_table ${table.join(" ")}
      ${odd === 8 ? "nop" : ""} end ${pieces.join(" end ")} end end ${after}`;
  }

  #jump(count: number, local: number, odd: number, label: number): string {
    const draw = this.draw;
    const to = `i32.const ${draw.chance(20) ? draw.pick([-1, 99]) : draw.below(count + 1)}`;
    if (odd === 11 && draw.chance(3)) return `call $burn ${to} local.tee ${local} drop br ${label}`;
    if (odd === 12 && draw.chance(3)) return `call $burn ${this.value("i32", 0)} local.set ${local} br ${label}`;
    if (odd === 13 && draw.chance(3)) return `${to} local.set ${local} call $burn i32.const 1 br_if ${label}`;
    return `call $burn ${draw.chance(6) ? "i64.const 5 f64.const 1" : ""} ${to} local.set ${local} br ${label} ${this.dead()}`;
  }

  #piece(local: number): string {
    const draw = this.draw;
    const go = this.#go!;
    const jump = (): string => {
      const test = this.value("i32", 0);
      return draw.pick([
        () => "",
        () => "",
        () => go(0),
        () => `${test} if ${go(1)} end`,
        () => `${test} if ${go(1)} else ${go(1)} end`,
        () => `block (result i32) ${test} if ${go(2)} end ${test} end drop`,
        () => `i32.const ${draw.below(9)} local.set ${local}`,
        () => `loop call $burn ${test} br_if 0 ${test} if ${go(2)} end end`,
      ])();
    };
    return `${jump()} ${this.statements(2)} ${jump()}`;
  }
}
