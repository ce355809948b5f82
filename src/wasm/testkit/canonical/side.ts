import type { TypePlan } from "../../link/crossing-plan.ts";

/**
 * The canonical ABI as its specification writes it down, value by value, for tests to compare with: nothing here is
 * shared with what it is compared to. Strings are UTF-8 unless the side says otherwise.
 */
export type Value = unknown;

export class Side {
  readonly memory: WebAssembly.Memory;
  readonly encoding: "utf8" | "utf16" | "latin1+utf16";
  readonly types: readonly TypePlan[];
  #top = 64;

  constructor(types: readonly TypePlan[], encoding: Side["encoding"]) {
    this.types = types;
    this.encoding = encoding;
    this.memory = new WebAssembly.Memory({ initial: 4 });
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  readonly realloc = (_old: number, _size: number, align: number, size: number): number => {
    this.#top = Math.ceil(this.#top / align) * align;
    const at = this.#top;
    this.#top += size;
    while (this.#top > this.memory.buffer.byteLength) this.memory.grow(4);
    return at;
  };

  plan(type: number): Exclude<TypePlan, { kind: "flow" }> {
    return this.types[type]! as Exclude<TypePlan, { kind: "flow" }>;
  }

  align(type: number): number {
    const plan = this.plan(type);
    switch (plan.kind) {
      case "primitive":
        return { bool: 1, u8: 1, s8: 1, u16: 2, s16: 2, u64: 8, s64: 8, f64: 8 }[plan.primitive as "u8"] ?? 4;
      case "record":
        return Math.max(...plan.fields.map((field) => this.align(field)));
      case "variant":
        return Math.max(width(plan.cases.length), ...plan.cases.map((each) => (each === null ? 1 : this.align(each))));
      case "list":
        return plan.length === null ? 4 : this.align(plan.element);
      case "flags":
        return plan.count <= 8 ? 1 : plan.count <= 16 ? 2 : 4;
      case "enum":
        return width(plan.count);
      case "handle":
        return 4;
    }
  }

  size(type: number): number {
    const plan = this.plan(type);
    switch (plan.kind) {
      case "primitive":
        return plan.primitive === "string" ? 8 : this.align(type);
      case "record": {
        const end = plan.fields.reduce((at, field) => up(at, this.align(field)) + this.size(field), 0);
        return up(end, this.align(type));
      }
      case "variant": {
        const most = Math.max(0, ...plan.cases.map((each) => (each === null ? 0 : this.size(each))));
        return up(this.#payload(plan) + most, this.align(type));
      }
      case "list":
        return plan.length === null ? 8 : plan.length * this.size(plan.element);
      case "flags":
        return plan.count <= 8 ? 1 : plan.count <= 16 ? 2 : 4 * Math.ceil(plan.count / 32);
      case "enum":
        return width(plan.count);
      case "handle":
        return 4;
    }
  }

  #payload(plan: TypePlan & { kind: "variant" }): number {
    const most = Math.max(1, ...plan.cases.map((each) => (each === null ? 1 : this.align(each))));
    return up(width(plan.cases.length), most);
  }

  store(type: number, value: Value, at: number): void {
    const plan = this.plan(type);
    switch (plan.kind) {
      case "primitive": {
        if (plan.primitive !== "string") return write[plan.primitive as Cell]!(this.view, at, value as never);
        const [pointer, length] = this.putString(value as string);
        this.view.setUint32(at, pointer, true);
        return this.view.setUint32(at + 4, length, true);
      }
      case "record": {
        let end = at;
        for (const [i, field] of plan.fields.entries()) {
          end = up(end, this.align(field));
          this.store(field, (value as Value[])[i], end);
          end += this.size(field);
        }
        return;
      }
      case "variant": {
        const [which, content] = value as [number, Value];
        this.#putWidth(width(plan.cases.length), which, at);
        const payload = plan.cases[which]!;
        if (payload !== null) this.store(payload, content, at + this.#payload(plan));
        return;
      }
      case "list": {
        const all = value as Value[];
        let start = at;
        if (plan.length === null) {
          start = this.realloc(0, 0, this.align(plan.element), all.length * this.size(plan.element));
          this.view.setUint32(at, start, true);
          this.view.setUint32(at + 4, all.length, true);
        }
        for (const [i, each] of all.entries()) this.store(plan.element, each, start + i * this.size(plan.element));
        return;
      }
      case "flags": {
        const bits = value as boolean[];
        const size = this.size(type);
        for (let i = 0; i < size; i++) {
          let byte = 0;
          for (let bit = 0; bit < 8; bit++) if (bits[i * 8 + bit]) byte |= 1 << bit;
          this.view.setUint8(at + i, byte);
        }
        return;
      }
      case "enum":
        return this.#putWidth(width(plan.count), value as number, at);
      case "handle":
        return this.view.setUint32(at, value as number, true);
    }
  }

  load(type: number, at: number): Value {
    const plan = this.plan(type);
    switch (plan.kind) {
      case "primitive":
        if (plan.primitive !== "string") return read[plan.primitive as Cell]!(this.view, at);
        return this.getString(this.view.getUint32(at, true), this.view.getUint32(at + 4, true));
      case "record": {
        let end = at;
        return plan.fields.map((field) => {
          end = up(end, this.align(field));
          const found = this.load(field, end);
          end += this.size(field);
          return found;
        });
      }
      case "variant": {
        const which = this.#getWidth(width(plan.cases.length), at);
        const payload = plan.cases[which]!;
        return [which, payload === null ? undefined : this.load(payload, at + this.#payload(plan))];
      }
      case "list": {
        const [start, length] =
          plan.length === null ? [this.view.getUint32(at, true), this.view.getUint32(at + 4, true)] : [at, plan.length];
        return Array.from({ length }, (_, i) => this.load(plan.element, start + i * this.size(plan.element)));
      }
      case "flags":
        return Array.from({ length: plan.count }, (_, i) => ((this.view.getUint8(at + (i >> 3)) >> (i & 7)) & 1) === 1);
      case "enum":
        return this.#getWidth(width(plan.count), at);
      case "handle":
        return this.view.getUint32(at, true);
    }
  }

  putString(text: string): [number, number] {
    const latin =
      Array.from(text, (unit) => unit.charCodeAt(0)).every((code) => code < 256) && text.length === [...text].length;
    const encoding =
      this.encoding === "latin1+utf16" ? (latin ? "latin1" : "utf16le") : this.encoding === "utf8" ? "utf8" : "utf16le";
    const bytes = Buffer.from(text, encoding);
    const at = this.realloc(0, 0, this.encoding === "utf8" ? 1 : 2, bytes.length);
    new Uint8Array(this.memory.buffer).set(bytes, at);
    if (encoding === "utf8" || encoding === "latin1") return [at, bytes.length];
    return [at, this.encoding === "utf16" ? text.length : text.length + 2 ** 31];
  }

  getString(at: number, length: number): string {
    const tagged = this.encoding === "latin1+utf16" && length >= 2 ** 31;
    const units = tagged ? length - 2 ** 31 : length;
    if (this.encoding === "utf16" || tagged) return Buffer.from(this.memory.buffer, at, units * 2).toString("utf16le");
    return Buffer.from(this.memory.buffer, at, length).toString(this.encoding === "utf8" ? "utf8" : "latin1");
  }

  #putWidth(size: number, value: number, at: number): void {
    if (size === 1) this.view.setUint8(at, value);
    else if (size === 2) this.view.setUint16(at, value, true);
    else this.view.setUint32(at, value, true);
  }

  #getWidth(size: number, at: number): number {
    if (size === 1) return this.view.getUint8(at);
    return size === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }
}

type Cell = Exclude<(TypePlan & { kind: "primitive" })["primitive"], "string" | "error-context">;

const read: Record<Cell, (view: DataView, at: number) => Value> = {
  bool: (view, at) => view.getUint8(at) === 1,
  u8: (view, at) => view.getUint8(at),
  s8: (view, at) => view.getInt8(at),
  u16: (view, at) => view.getUint16(at, true),
  s16: (view, at) => view.getInt16(at, true),
  u32: (view, at) => view.getUint32(at, true),
  s32: (view, at) => view.getInt32(at, true),
  u64: (view, at) => view.getBigUint64(at, true),
  s64: (view, at) => view.getBigInt64(at, true),
  f32: (view, at) => view.getFloat32(at, true),
  f64: (view, at) => view.getFloat64(at, true),
  char: (view, at) => view.getUint32(at, true),
};

const write: Record<Cell, (view: DataView, at: number, value: never) => void> = {
  bool: (view, at, value) => view.setUint8(at, value ? 1 : 0),
  u8: (view, at, value) => view.setUint8(at, value),
  s8: (view, at, value) => view.setInt8(at, value),
  u16: (view, at, value) => view.setUint16(at, value, true),
  s16: (view, at, value) => view.setInt16(at, value, true),
  u32: (view, at, value) => view.setUint32(at, value, true),
  s32: (view, at, value) => view.setInt32(at, value, true),
  u64: (view, at, value) => view.setBigUint64(at, value, true),
  s64: (view, at, value) => view.setBigInt64(at, value, true),
  f32: (view, at, value) => view.setFloat32(at, value, true),
  f64: (view, at, value) => view.setFloat64(at, value, true),
  char: (view, at, value) => view.setUint32(at, value, true),
};

function up(at: number, align: number): number {
  return Math.ceil(at / align) * align;
}

/** Bytes of a discriminant. */
function width(cases: number): 1 | 2 | 4 {
  return cases <= 256 ? 1 : cases <= 65_536 ? 2 : 4;
}
