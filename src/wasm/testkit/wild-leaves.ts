import type { Draw } from "./draw.ts";
import { type Kind, typeOf, type World, zero } from "./wild.ts";

/** What a branch to it takes along. */
export interface Label {
  kinds: Kind[];
  /** Back to the beginning: each such branch costs. */
  loop: boolean;
  /** A handler of exceptions of the old kind, in which they can be thrown once more. */
  handler?: boolean;
  /** No branch is written to it but those that a dispatch is made of. */
  closed?: boolean;
}

export const kindsOfLocals: readonly Kind[] = ["i32", "i32", "i32", "i64", "i64", "f64", "v128", "func", "s", "a"];

/** Writes what is in one function of a random module: values, and what is done with them. What holds other code is in `wild-code.ts`. */
export abstract class WildLeaves {
  protected readonly world: World;
  protected readonly draw: Draw;
  /** Parameters come first. */
  protected locals: Kind[] = [];
  protected labels: Label[] = [];
  /** No statement uses them: loops count in them, or go by them. */
  protected readonly taken = new Set<number>();

  constructor(world: World, draw: Draw) {
    this.world = world;
    this.draw = draw;
  }

  /** Code that leaves the stack as it was. @param depth of blocks in each other */
  abstract statements(depth: number): string;

  values(kinds: readonly Kind[], depth: number): string {
    return kinds.map((kind) => this.value(kind, depth)).join(" ");
  }

  protected local(kind: Kind): number | undefined {
    const all = [...this.locals.keys()].filter((local) => this.locals[local] === kind && !this.taken.has(local));
    return all.length === 0 ? undefined : this.draw.pick(all);
  }

  protected kinds(): Kind[] {
    return this.world.exceptions === "new" ? [...kindsOfLocals, "e"] : [...kindsOfLocals];
  }

  protected types(kinds: readonly Kind[]): string {
    return kinds.map((kind) => typeOf[kind]).join(" ");
  }

  /** A number as an address of that memory. */
  protected address(memory: number, value: number): string {
    return `${this.world.memories[memory] ? "i64" : "i32"}.const ${value}`;
  }

  /** An address in that memory, mostly within its first page, or near one before. */
  protected place(memory: number): string {
    const draw = this.draw;
    const kind = this.world.memories[memory] ? "i64" : "i32";
    const local = this.local(kind);
    switch (draw.below(6)) {
      case 0:
        return this.address(memory, draw.chance(8) ? 65_536 * draw.below(4) - draw.below(9) : draw.below(65_000));
      case 1:
        if (local === undefined) return this.address(memory, 1);
        return `local.get ${local} ${this.address(memory, draw.below(600) - 300)} ${kind}.add ${this.address(memory, 0xffff)} ${kind}.and local.tee ${local}`;
      case 2:
        if (local === undefined) return this.address(memory, 1020);
        return `local.get ${local} ${this.address(memory, draw.below(5000))} ${kind}.add`;
      case 3:
        return local === undefined ? this.address(memory, 2048) : `local.get ${local}`;
      case 4:
        if (kind === "i64") return `i64.const ${draw.below(60_000)}`;
        return `${this.value("i64", 1)} i32.wrap_i64 i32.const 0x${draw.pick(["fff8", "ff", "ffff"])} i32.and`;
      default:
        return `${this.value(kind, 1)} ${this.address(memory, 0xffff)} ${kind}.and`;
    }
  }

  store(): string {
    const draw = this.draw;
    const memory = draw.below(this.world.memories.length);
    const [name, kind] = draw.pick<[string, Kind]>([
      ["i32.store", "i32"], ["i64.store", "i64"], ["i32.store8", "i32"], ["i32.store16", "i32"], ["i64.store32", "i64"], ["f64.store", "f64"],
      ["v128.store", "v128"], ["v128.store8_lane", "v128"], ["v128.store64_lane", "v128"], ["i32.atomic.store8", "i32"],
      ["i64.atomic.rmw8.xchg_u", "i64"], ["i32.atomic.rmw8.cmpxchg_u", "i32"],
    ]); // prettier-ignore
    const offset = draw.pick([0, 0, 4, 8, 250, 1023, 1024, 5000]);
    const lane = name.endsWith("_lane") ? " 1" : "";
    const after = /rmw/.test(name) ? " drop" : "";
    const more = name.includes("cmpxchg") ? this.value(kind, 0) : "";
    return `${this.place(memory)} ${this.value(kind, 1)} ${more} ${name} $m${memory} offset=${offset}${lane}${after}`;
  }

  /** Several stores by a local that moves on, as code that writes one field after the other. */
  walk(): string {
    const draw = this.draw;
    const local = this.local("i32");
    if (local === undefined || this.world.memories[0]) return "nop";
    const moves = Array.from({ length: 1 + draw.below(4) }, () => {
      const by = draw.pick([1, 4, 16, 200, 255, 256, 257, 1000, -4, -300]);
      return `local.get ${local} local.get ${local} i32.store offset=${draw.pick([0, 4, 200, 256, 300])}
        local.get ${local} i32.const ${by} i32.add local.set ${local}`;
    });
    return `local.get ${local} i32.const 0x7fff i32.and local.set ${local} ${moves.join(" ")}`;
  }

  stretch(): string {
    const draw = this.draw;
    const memory = draw.below(this.world.memories.length);
    const wide = this.world.memories[memory]!;
    const size = draw.pick([0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 100, 255, 256, 3000, 20_000]);
    const bytes = draw.chance(3) ? this.place(memory) : this.address(memory, size);
    switch (draw.below(4)) {
      case 0:
        return `${this.place(memory)} ${this.value("i32", 1)} ${bytes} memory.fill $m${memory}`;
      case 1: {
        const from = draw.below(this.world.memories.length);
        const narrow = !wide || !this.world.memories[from];
        return `${this.place(memory)} ${this.place(from)} ${narrow ? "i32" : "i64"}.const ${size} memory.copy $m${memory} $m${from}`;
      }
      case 2:
        return `${this.place(memory)} i32.const ${draw.below(40)} i32.const ${draw.below(12)} memory.init $m${memory} $d`;
      default:
        return draw.chance(8) ? "data.drop $d" : "nop";
    }
  }

  tables(): string {
    if (!this.world.tables) return "nop";
    const draw = this.draw;
    const at = `i32.const ${draw.below(6)}`;
    return draw.pick([
      `${at} ref.func $f0 table.set $spare`,
      `ref.null func i32.const ${draw.below(5)} table.grow $table drop`,
      `${at} ref.func $f0 i32.const ${draw.below(3)} table.fill $spare`,
      `${at} ${at} i32.const ${draw.below(3)} table.copy $spare $table`,
      `${at} i32.const 0 i32.const ${draw.below(3)} table.init $spare $passive`,
      `elem.drop $passive`,
    ]);
  }

  objects(): string {
    const draw = this.draw;
    const s = this.value("s", 1);
    const a = this.value("a", 1);
    const local = this.local("i32");
    return draw.pick([
      `${s} ${this.value("i32", 1)} struct.set $s 0`,
      `${s} ${this.value("s", 1)} struct.set $s 1`,
      `${a} ${this.value("i32", 0)} i32.const 7 i32.and ${this.value("i32", 1)} array.set $a`,
      `${a} i32.const ${draw.below(4)} ${this.value("i32", 0)} i32.const ${draw.below(5)} array.fill $a`,
      `${a} i32.const 0 ${a} i32.const ${draw.below(4)} i32.const ${draw.below(5)} array.copy $a $a`,
      `${a} i32.const 0 i32.const ${draw.below(4)} i32.const ${draw.below(4)} array.init_data $a $d`,
      local === undefined
        ? "nop"
        : `block (result (ref null $s0)) ${this.value("s", 0)} br_on_cast_fail 0 (ref null $s0) (ref $s) struct.get $s 0 local.set ${local} ref.null $s0 end drop`,
    ]);
  }

  value(kind: Kind, depth: number): string {
    const draw = this.draw;
    const local = this.local(kind);
    if (local !== undefined && draw.chance(3)) return `local.get ${local}`;
    const global = this.world.globals.indexOf(kind);
    if (global >= 0 && draw.chance(5)) return `global.get $g${global}`;
    if (depth > 0 && draw.chance(6)) {
      this.labels.push({ kinds: [kind], loop: false });
      const text = `block (result ${typeOf[kind]}) ${this.statements(Math.min(depth - 1, 1))} ${this.value(kind, depth - 1)} end`;
      this.labels.pop();
      return text;
    }
    if (depth > 0 && draw.chance(6) && (kind === "i32" || kind === "i64" || kind === "f64" || kind === "v128"))
      return `${this.value(kind, depth - 1)} ${this.value(kind, depth - 1)} ${this.value("i32", depth - 1)} select`;
    return this.made(kind, depth);
  }

  protected made(kind: Kind, depth: number): string {
    const draw = this.draw;
    const less = depth - 1;
    const memory = this.world.memories[0] ? "" : "load";
    switch (kind) {
      case "i32":
        if (depth <= 0) return `i32.const ${draw.pick([0, 1, 2, 3, 255, 1024, -1, 65_535, draw.next() | 0])}`;
        return draw.pick([
          `${this.value("i32", less)} ${this.value("i32", less)} i32.${draw.pick(["add", "sub", "mul", "and", "xor", "shl", "lt_s", "eq"])}`,
          `${this.value("i64", less)} i32.wrap_i64`,
          memory === "" ? "i32.const 5" : `i32.const ${draw.below(65_000)} i32.load`,
          `memory.size $m0 ${this.world.memories[0] ? "i32.wrap_i64" : ""}`,
          `${this.value("v128", less)} i32x4.extract_lane 3`,
          `${this.value("s", less)} ref.is_null`,
          `${this.value("i32", less)} i32.eqz`,
          `${this.value("f64", less)} i32.trunc_sat_f64_s`,
          `table.size $table`,
          `${this.value("a", less)} array.len`,
        ]);
      case "i64":
        if (depth <= 0) return `i64.const ${draw.pick([0, 1, 8, 4096, -1, draw.next()])}`;
        return draw.pick([
          `${this.value("i64", less)} ${this.value("i64", less)} i64.${draw.pick(["add", "sub", "mul", "and", "shl"])}`,
          `${this.value("i32", less)} i64.extend_i32_${draw.pick(["u", "s"])}`,
          `${this.value("f64", less)} i64.reinterpret_f64`,
        ]);
      case "f64":
        return depth <= 0 ? `f64.const ${draw.below(99)}.5` : `${this.value("i32", less)} f64.convert_i32_u`;
      case "v128":
        if (depth <= 0) return `v128.const i32x4 1 ${draw.below(9)} 3 -4`;
        return draw.pick([
          `${this.value("i32", less)} i32x4.splat`,
          `${this.value("v128", less)} ${this.value("v128", less)} i8x16.add`,
        ]);
      case "func":
        return draw.chance(4) ? `ref.null $t` : `ref.func $f0`;
      case "s":
        if (depth <= 0 || draw.chance(4)) return draw.chance(4) ? zero("s").slice(1, -1) : `struct.new_default $s`;
        return `${this.value("i32", less)} ${this.value("s", less)} ${this.value("i64", less)} struct.new $s`;
      case "a":
        return draw.pick([
          `${this.value("i32", 0)} i32.const ${draw.below(20)} array.new $a`,
          `i32.const ${draw.below(300)} array.new_default $a`,
          `i32.const ${draw.below(9)} i32.const ${draw.below(9)} array.new_data $a $d`,
          `${this.values(["i32", "i32"], less)} array.new_fixed $a 2`,
        ]);
      case "e":
        return draw.chance(3)
          ? `ref.null exn`
          : `block (result exnref) try_table (catch_all_ref 0) throw $g end unreachable end`;
    }
  }
}
