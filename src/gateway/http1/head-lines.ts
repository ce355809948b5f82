import type { RawHeaders } from "../../foundation/http/index.ts";
import type { Draft } from "../wire/draft.ts";
import type { Edits } from "./edits.ts";
import { table, type FieldScan } from "./field-lines.ts";

const isPlain = table((code) => /[A-Za-z0-9-]/.test(String.fromCharCode(code)));

/** Bytes that a connection reads into, and that hold something else with its next turn. */
export interface Lent {
  readonly bytes: Buffer;
  turn: number;
}

/**
 * The lines of one head as they were read. Nearly all of them go on as they came, from buffer to buffer; texts are made of
 * them only where somebody asks.
 */
export class HeadLines {
  readonly #bytes: Buffer;
  readonly #lent: Lent | undefined;
  readonly #lentTurn: number;
  readonly #scan: FieldScan;
  #scanTurn: number;
  /** Where the first field begins, and where the head ends. */
  readonly begin: number;
  readonly end: number;
  /** The kinds of all names, one bit each. */
  readonly seen: number;
  #text: string | undefined;

  /** @param scan that has just found them in `bytes`. @param lent where these are lent, and change with its next turn. */
  constructor(scan: FieldScan, bytes: Buffer, lent: Lent | undefined) {
    this.#bytes = bytes;
    this.#lent = lent;
    this.#lentTurn = lent === undefined ? 0 : lent.turn;
    this.#scan = scan;
    this.#scanTurn = scan.turn;
    this.begin = scan.begin;
    this.end = scan.end;
    this.seen = scan.seen;
  }

  /** The bytes are there still. */
  get there(): boolean {
    return this.#lent === undefined || this.#lent.turn === this.#lentTurn;
  }

  /** All of the head in latin1. Lent bytes must have been kept before they go. */
  get text(): string {
    return (this.#text ??= this.#bytes.toString("latin1", 0, this.end));
  }

  /** No name has anything but letters, digits and `-`. */
  get plainNames(): boolean {
    const scan = this.#found();
    const { text } = this;
    for (let line = 0; line < scan.count; line++) {
      const end = scan.nameEnd(line);
      for (let at = scan.lineAt(line); at < end; at++) if (isPlain[text.charCodeAt(at)] !== 1) return false;
    }
    return true;
  }

  /** Its first line is this one. Only while the bytes are there. */
  begins(line: string): boolean {
    if (line.length !== this.begin) return false;
    for (let at = 0; at < line.length; at++) if (line.charCodeAt(at) !== this.#bytes[at]) return false;
    return true;
  }

  /** Makes what was lent last. */
  keep(): void {
    if (this.#lent !== undefined) void this.text;
  }

  /** Fields but those of these kinds. */
  fields(without: number): RawHeaders {
    return this.#found().fields(this.text, without);
  }

  /** Lines but those of these kinds and those that are edited away, with their ends. */
  lines(without: number, edits?: readonly Edits[]): string {
    const scan = this.#found();
    const { text } = this;
    const bytes = edits === undefined ? this.#bytes : Buffer.from(text, "latin1");
    let kept = "";
    let begin = this.begin;
    for (let line = 0; line < scan.count; line++) {
      if (((without >> scan.kindAt(line)) & 1) === 0 && !isDropped(scan, bytes, line, edits)) continue;
      kept += text.slice(begin, scan.lineAt(line));
      begin = scan.lineAt(line + 1);
    }
    return kept + text.slice(begin, this.end - 2);
  }

  /**
   * Copies lines to where the next message is made, but those of these kinds and those that are edited away. Only while the
   * bytes are there.
   * @param from 0: the head's first line too; otherwise where its lines begin.
   * @param to where its lines end, or further on: the empty line, and what of a body came behind it.
   */
  copy(draft: Draft, without: number, from: number, to: number, edits?: readonly Edits[]): void {
    if ((this.seen & without) === 0 && edits === undefined) return draft.bytes(this.#bytes, from, to);
    const scan = this.#found();
    const { count } = scan;
    let begin = from;
    for (let line = 0; line < count; line++) {
      if (((without >> scan.kindAt(line)) & 1) === 0 && !isDropped(scan, this.#bytes, line, edits)) continue;
      draft.bytes(this.#bytes, begin, scan.lineAt(line));
      begin = scan.lineAt(line + 1);
    }
    draft.bytes(this.#bytes, begin, to);
  }

  /** The scan, with this head's lines in it. */
  #found(): FieldScan {
    const scan = this.#scan;
    if (scan.turn === this.#scanTurn) return scan;
    const bytes = Buffer.from(this.text, "latin1");
    scan.scan(bytes, bytes.length, this.begin, Number.POSITIVE_INFINITY);
    this.#scanTurn = scan.turn;
    return scan;
  }
}

function isDropped(scan: FieldScan, bytes: Buffer, line: number, edits: readonly Edits[] | undefined): boolean {
  if (edits === undefined) return false;
  const begin = scan.lineAt(line);
  const end = scan.nameEnd(line);
  for (let index = 0; index < edits.length; index++) if ((edits[index] as Edits).drops(bytes, begin, end)) return true;
  return false;
}
