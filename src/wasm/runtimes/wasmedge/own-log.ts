/** How lines of WasmEdge's own log begin, which it writes to stdout and cannot be told not to. */
const pattern = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\] \[\w+\]/;
const bracket = 0x5b;
const lineEnd = 10;
/** Bytes in which the pattern shows itself. */
const longest = 64;
/** Bytes that are held back at most. */
const mostHeld = 64 << 10;

/** Whether a line of WasmEdge's own log begins here. */
export function isOwnLog(bytes: Buffer): boolean {
  return bytes[0] === bracket && pattern.test(bytes.toString("latin1", 0, longest));
}

/**
 * The output of a program under WasmEdge, without what WasmEdge says at its end: why the program failed. Lines that look like it
 * are held back, and are the program's own where more follows.
 */
export class Output {
  readonly #write: (bytes: Buffer) => void;
  #held: Buffer = Buffer.alloc(0);
  #atLineStart = true;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  push(piece: Buffer): void {
    let rest = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0) {
      const suspect = this.#atLineStart ? suspectLines(rest) : 0;
      if (suspect === rest.length && suspect <= mostHeld) return void (this.#held = rest);
      const end = rest.indexOf(lineEnd, suspect);
      this.#atLineStart = end >= 0;
      const done = end < 0 ? rest.length : end + 1;
      this.#write(rest.subarray(0, done));
      rest = rest.subarray(done);
    }
  }

  /** Nothing more comes. Answers what WasmEdge said; nothing where the program ended well. */
  end(failed: boolean): string {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    if (failed && isOwnLog(held)) return held.toString("utf8");
    if (held.length > 0) this.#write(held);
    return "";
  }
}

/** Bytes of the lines at the start that are WasmEdge's, or may be when the rest of the last one has come. */
function suspectLines(bytes: Buffer): number {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(lineEnd, at);
    const line = bytes.subarray(at, end < 0 ? bytes.length : end + 1);
    const mayBecome = end < 0 && line[0] === bracket && line.length < longest;
    if (!isOwnLog(line) && !mayBecome) return at;
    at += line.length;
  }
  return bytes.length;
}
