// A JSON reader (RFC 8259) for small documents from outside: strict, with limits, and a name that
// stands twice in one object is refused (two readers could take different ones).

export enum JsonKind {
  Null,
  Boolean,
  Number,
  Text,
  List,
  Object,
}

const MAX_DEPTH: i32 = 32;

/** One value of a document. */
export class Json {
  boolean: bool = false;
  number: f64 = 0;
  text: string = "";
  /** Elements of a list, or values of an object in the order of `names`. */
  items: Json[] = [];
  names: string[] = [];

  constructor(readonly kind: JsonKind) {}

  /** The document; null where it is not JSON, too deep, or names something twice. */
  static parse(text: string): Json | null {
    const reader = new Reader(text);
    const value = reader.value(0);
    reader.space();
    return value !== null && reader.at == text.length ? value : null;
  }

  /** A number; whole ones are written without a point. */
  static ofNumber(value: f64): Json {
    const json = new Json(JsonKind.Number);
    json.number = value;
    json.text = value == trunc(value) && abs(value) < 9007199254740992 ? (<i64>value).toString() : value.toString();
    return json;
  }

  /** Sets a member of an object; a new one comes last. */
  set(name: string, value: Json): void {
    const index = this.names.indexOf(name);
    if (index >= 0) {
      this.items[index] = value;
      return;
    }
    this.names.push(name);
    this.items.push(value);
  }

  /** A member of an object; null where it is missing. */
  get(name: string): Json | null {
    const index = this.names.indexOf(name);
    return index < 0 ? null : this.items[index];
  }

  /** A member that is a text; null where it is missing or something else. */
  getText(name: string): string | null {
    const value = this.get(name);
    return value !== null && value.kind == JsonKind.Text ? value.text : null;
  }

  /** The value as JSON text again. */
  toString(): string {
    switch (this.kind) {
      case JsonKind.Null:
        return "null";
      case JsonKind.Boolean:
        return this.boolean ? "true" : "false";
      case JsonKind.Number:
        // As it came: a number read and printed again could lose digits.
        return this.text;
      case JsonKind.Text:
        return quote(this.text);
      default:
        return this.membersToString();
    }
  }

  private membersToString(): string {
    const parts = new Array<string>(this.items.length);
    for (let i = 0; i < parts.length; i++) {
      const value = this.items[i].toString();
      parts[i] = this.kind == JsonKind.List ? value : quote(this.names[i]) + ":" + value;
    }
    const inside = parts.join(",");
    return this.kind == JsonKind.List ? "[" + inside + "]" : "{" + inside + "}";
  }
}

/** A JSON text of a string. */
export function quote(text: string): string {
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x20 && code != 0x22 && code != 0x5c) continue;
    out += text.substring(from, i);
    out += code == 0x22 ? '\\"' : code == 0x5c ? "\\\\" : "\\u00" + (code < 16 ? "0" : "") + code.toString(16);
    from = i + 1;
  }
  return out + text.substring(from) + '"';
}

class Reader {
  at: i32 = 0;

  constructor(readonly source: string) {}

  space(): void {
    while (this.at < this.source.length) {
      const code = this.source.charCodeAt(this.at);
      if (code != 0x20 && code != 0x0a && code != 0x0d && code != 0x09) return;
      this.at++;
    }
  }

  private peek(): i32 {
    return this.at < this.source.length ? this.source.charCodeAt(this.at) : -1;
  }

  private take(code: i32): bool {
    if (this.peek() != code) return false;
    this.at++;
    return true;
  }

  value(depth: i32): Json | null {
    if (depth > MAX_DEPTH) return null;
    this.space();
    const code = this.peek();
    if (code == 0x7b) return this.object(depth);
    if (code == 0x5b) return this.list(depth);
    if (code == 0x22) {
      const text = this.string();
      if (text === null) return null;
      const json = new Json(JsonKind.Text);
      json.text = text;
      return json;
    }
    if (code == 0x74) return this.word("true", JsonKind.Boolean, true);
    if (code == 0x66) return this.word("false", JsonKind.Boolean, false);
    if (code == 0x6e) return this.word("null", JsonKind.Null, false);
    return this.number();
  }

  private word(word: string, kind: JsonKind, value: bool): Json | null {
    if (this.source.substr(this.at, word.length) != word) return null;
    this.at += word.length;
    const json = new Json(kind);
    json.boolean = value;
    return json;
  }

  private object(depth: i32): Json | null {
    const json = new Json(JsonKind.Object);
    this.at++;
    this.space();
    if (this.take(0x7d)) return json;
    do {
      this.space();
      const name = this.string();
      if (name === null || json.names.includes(name)) return null;
      this.space();
      if (!this.take(0x3a)) return null;
      const value = this.value(depth + 1);
      if (value === null) return null;
      json.names.push(name);
      json.items.push(value);
      this.space();
    } while (this.take(0x2c));
    return this.take(0x7d) ? json : null;
  }

  private list(depth: i32): Json | null {
    const json = new Json(JsonKind.List);
    this.at++;
    this.space();
    if (this.take(0x5d)) return json;
    do {
      const value = this.value(depth + 1);
      if (value === null) return null;
      json.items.push(value);
      this.space();
    } while (this.take(0x2c));
    return this.take(0x5d) ? json : null;
  }

  private string(): string | null {
    if (!this.take(0x22)) return null;
    let out = "";
    let from = this.at;
    while (true) {
      const code = this.peek();
      if (code < 0x20) return null;
      if (code == 0x22) {
        out += this.source.substring(from, this.at++);
        return out;
      }
      if (code == 0x5c) {
        out += this.source.substring(from, this.at++);
        const escaped = this.escape();
        if (escaped < 0) return null;
        out += String.fromCharCode(escaped);
        from = this.at;
      } else this.at++;
    }
  }

  /** The code unit of an escape; -1 where it is none. */
  private escape(): i32 {
    const code = this.peek();
    this.at++;
    switch (code) {
      case 0x22:
      case 0x5c:
      case 0x2f:
        return code;
      case 0x62:
        return 0x08;
      case 0x66:
        return 0x0c;
      case 0x6e:
        return 0x0a;
      case 0x72:
        return 0x0d;
      case 0x74:
        return 0x09;
      case 0x75:
        return this.hex4();
      default:
        return -1;
    }
  }

  private hex4(): i32 {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const code = this.peek();
      this.at++;
      if (code >= 0x30 && code <= 0x39) value = (value << 4) | (code - 0x30);
      else if (code >= 0x61 && code <= 0x66) value = (value << 4) | (code - 0x57);
      else if (code >= 0x41 && code <= 0x46) value = (value << 4) | (code - 0x37);
      else return -1;
    }
    return value;
  }

  private digits(): bool {
    const start = this.at;
    while (this.peek() >= 0x30 && this.peek() <= 0x39) this.at++;
    return this.at > start;
  }

  private number(): Json | null {
    const start = this.at;
    this.take(0x2d);
    if (!this.take(0x30) && !this.digits()) return null;
    if (this.take(0x2e) && !this.digits()) return null;
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(0x2b)) this.take(0x2d);
      if (!this.digits()) return null;
    }
    const json = new Json(JsonKind.Number);
    json.text = this.source.substring(start, this.at);
    json.number = parseFloat(json.text);
    return json;
  }
}
