/** Characters of one name: longer ones say nothing more, and references back can make any length of a few bytes. */
const longest = 400;
const deepest = 60;

const basicTypes: Readonly<Record<string, string>> = {
  a: "i8", b: "bool", c: "char", d: "f64", e: "str", f: "f32", h: "u8", i: "isize", j: "usize", l: "i32", m: "u32",
  n: "i128", o: "u128", p: "_", s: "i16", t: "u16", u: "()", v: "...", x: "i64", y: "u64", z: "!",
}; // prettier-ignore

const pointers: Readonly<Record<string, string>> = { R: "&", Q: "&mut ", P: "*const ", O: "*mut " };

/** Ends reading a symbol, which is shown as it is then. */
function unreadable(): never {
  throw new SyntaxError();
}

/**
 * What Rust calls a function, from the symbol that its compiler made of the name: in the present form
 * (https://rust-lang.github.io/rfcs/2603-rust-symbol-name-mangling-v0.html), or in the one before, which has a hash behind it.
 * What is neither stays as it is.
 */
export function rustName(symbol: string): string {
  try {
    return symbol.startsWith("_ZN") ? (legacyName(symbol) ?? symbol) : new V0Symbol(symbol).name();
  } catch {
    return symbol;
  }
}

const escapes: Readonly<Record<string, string>> = {
  SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: ",",
}; // prettier-ignore

function legacyName(symbol: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  for (;;) {
    const size = /^\d{1,4}/.exec(symbol.slice(at))?.[0];
    if (size === undefined) break;
    at += size.length;
    parts.push(symbol.slice(at, at + Number(size)));
    at += Number(size);
  }
  // C++ has no such hash.
  if (symbol[at] !== "E" || !/^h[0-9a-f]{16}$/.test(parts.pop() ?? "")) return undefined;
  return parts
    .map((part) =>
      part
        .replace(/^_\$/, "$")
        .replace(/\$(?:u([0-9a-f]{1,6})|([A-Z]{1,2}))\$/g, (whole, code: string | undefined, name: string) =>
          code === undefined ? (escapes[name] ?? whole) : String.fromCodePoint(Number.parseInt(code, 16)),
        )
        .replaceAll("..", "::"),
    )
    .join("::");
}

/** A symbol of the present form, which Rust calls v0, read from its start to its end. */
class V0Symbol {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #made = 0;

  constructor(symbol: string) {
    if (!symbol.startsWith("_R")) unreadable();
    this.#text = symbol.slice(2);
  }

  name(): string {
    return this.#path(false);
  }

  #next(): string {
    const found = this.#text[this.#at++];
    if (found === undefined) unreadable();
    return found;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** Numbers in digits of 62 kinds; `_` alone is 0. */
  #base62(): number {
    if (this.#takes("_")) return 0;
    let number = 0;
    for (let digit = this.#next(); digit !== "_"; digit = this.#next()) {
      const value = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(digit);
      if (value < 0) unreadable();
      number = number * 62 + value;
    }
    return number + 1;
  }

  /** Which one of several of a name. */
  #disambiguator(): number {
    return this.#takes("s") ? this.#base62() + 1 : 0;
  }

  #identifier(): string {
    // What is not ASCII comes as Punycode, which is left so.
    this.#takes("u");
    const size = /^(?:0|[1-9]\d{0,3})/.exec(this.#text.slice(this.#at))?.[0];
    if (size === undefined) unreadable();
    this.#at += size.length;
    this.#takes("_");
    const found = this.#text.slice(this.#at, this.#at + Number(size));
    this.#at += Number(size);
    return this.#bounded(found);
  }

  #bounded(text: string): string {
    if ((this.#made += text.length) > longest) unreadable();
    return text;
  }

  /** One level further down. */
  #below(read: () => string): string {
    if (++this.#depth > deepest) unreadable();
    const found = read();
    this.#depth--;
    return found;
  }

  #back(read: () => string): string {
    const place = this.#base62();
    const here = this.#at;
    if (place >= here - 1) unreadable();
    this.#at = place;
    const found = this.#below(read);
    this.#at = here;
    return this.#bounded(found);
  }

  /** @param isType in types, generic arguments stand without `::` before them. */
  #path(isType: boolean): string {
    return this.#below(() => {
      const kind = this.#next();
      switch (kind) {
        case "C":
          this.#disambiguator();
          return this.#identifier();
        case "N":
          return this.#nested(isType);
        case "M":
          this.#implementation();
          return `<${this.#type()}>`;
        case "X":
          this.#implementation();
          return `<${this.#type()} as ${this.#path(true)}>`;
        case "Y":
          return `<${this.#type()} as ${this.#path(true)}>`;
        case "I":
          return `${this.#path(isType)}${isType ? "" : "::"}<${this.#list(() => this.#argument()).join(", ")}>`;
        case "B":
          return this.#back(() => this.#path(isType));
        default:
          unreadable();
      }
    });
  }

  #nested(isType: boolean): string {
    const namespace = this.#next();
    const path = this.#path(isType);
    const which = this.#disambiguator();
    const name = this.#identifier();
    if (/[a-z]/.test(namespace)) return name === "" ? path : `${path}::${name}`;
    const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
    return `${path}::{${kind}${name === "" ? "" : `:${name}`}#${which}}`;
  }

  /** Where an `impl` stands, which its type tells better. */
  #implementation(): void {
    this.#disambiguator();
    this.#path(false);
  }

  #list(read: () => string): string[] {
    const found: string[] = [];
    while (!this.#takes("E")) found.push(read());
    return found;
  }

  #argument(): string {
    if (this.#takes("L")) return this.#lifetime();
    return this.#takes("K") ? this.#constant() : this.#type();
  }

  #lifetime(): string {
    this.#base62();
    return "'_";
  }

  #type(): string {
    const kind = this.#next();
    const basic = basicTypes[kind];
    if (basic !== undefined) return this.#bounded(basic);
    return this.#below(() => {
      if (kind in pointers) {
        if ((kind === "R" || kind === "Q") && this.#takes("L")) this.#lifetime();
        return `${pointers[kind]}${this.#type()}`;
      }
      if (kind === "A") return `[${this.#type()}; ${this.#constant()}]`;
      if (kind === "S") return `[${this.#type()}]`;
      if (kind === "T") return this.#tuple();
      if (kind === "F") return this.#function();
      if (kind === "D") return this.#dynamic();
      if (kind === "B") return this.#back(() => this.#type());
      this.#at--;
      return this.#path(true);
    });
  }

  #tuple(): string {
    const types = this.#list(() => this.#type());
    return types.length === 1 ? `(${types[0]},)` : `(${types.join(", ")})`;
  }

  #binder(): void {
    if (this.#takes("G")) this.#base62();
  }

  #function(): string {
    this.#binder();
    const unsafe = this.#takes("U") ? "unsafe " : "";
    const abi = this.#takes("K") ? `extern "${this.#takes("C") ? "C" : this.#identifier().replaceAll("_", "-")}" ` : "";
    const types = this.#list(() => this.#type());
    const result = this.#type();
    return `${unsafe}${abi}fn(${types.join(", ")})${result === "()" ? "" : ` -> ${result}`}`;
  }

  #dynamic(): string {
    this.#binder();
    const traits = this.#list(() => {
      const path = this.#path(true);
      const bound: string[] = [];
      while (this.#takes("p")) bound.push(`${this.#identifier()} = ${this.#type()}`);
      if (bound.length === 0) return path;
      return path.endsWith(">") ? `${path.slice(0, -1)}, ${bound.join(", ")}>` : `${path}<${bound.join(", ")}>`;
    });
    if (this.#takes("L")) this.#lifetime();
    return `dyn ${traits.join(" + ")}`;
  }

  #constant(): string {
    if (this.#takes("p")) return "_";
    if (this.#takes("B")) return this.#back(() => this.#constant());
    const type = this.#type();
    const sign = this.#takes("n") ? "-" : "";
    const digits = /^([0-9a-f]*)_/.exec(this.#text.slice(this.#at));
    if (digits === null) unreadable();
    this.#at += digits[0].length;
    const value = BigInt(`0x${digits[1] || "0"}`);
    if (type === "bool") return value === 0n ? "false" : "true";
    if (type === "char") return JSON.stringify(String.fromCodePoint(Number(value))).replace(/^"(.*)"$/, "'$1'");
    return `${sign}${value}`;
  }
}
