import { lineEnds, token } from "../../foundation/http/field-syntax.ts";
import type { RawHeaders } from "../../foundation/http/index.ts";
import { kindOf, kinds } from "./known-names.ts";
import { isWord } from "./words.ts";

/**
 * Headers that are taken away and others that are added behind the rest, for messages whose headers are an array and for those
 * that go on as they were read.
 */
export class Edits {
  /** What is added, as headers and as lines. */
  readonly appended: RawHeaders;
  readonly text: string;
  /** Nothing of it has a say in framing, says where a message comes from, or could not go out: lines can be edited so. */
  readonly plain: boolean;
  /** A list of this alone. */
  readonly alone: readonly Edits[] = [this];
  readonly #dropped: ReadonlySet<string>;
  /** The same by length: most lines are sorted out by that. */
  readonly #byLength: (string[] | undefined)[] = [];

  /** @param dropped names, in whatever case. */
  constructor(dropped: readonly string[], appended: RawHeaders) {
    this.#dropped = new Set(dropped.map((name) => name.toLowerCase()));
    for (const name of this.#dropped) (this.#byLength[name.length] ??= []).push(name);
    this.appended = appended;
    this.text = "";
    for (let at = 0; at < appended.length; at += 2) this.text += `${appended[at]}: ${appended[at + 1]}\r\n`;
    const names = [...this.#dropped, ...appended.filter((_text, at) => at % 2 === 0)];
    this.plain = names.every(saysNothing) && !appended.some((text) => lineEnds.test(text));
  }

  apply(headers: RawHeaders): RawHeaders {
    const edited = this.without(headers);
    edited.push(...this.appended);
    return edited;
  }

  /** The headers that it leaves. */
  without(headers: RawHeaders): RawHeaders {
    const left: RawHeaders = [];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (this.#byLength[name.length] === undefined || !this.#dropped.has(name.toLowerCase()))
        left.push(name, headers[index + 1] as string);
    }
    return left;
  }

  /** Whether it takes away the line of the name that stands in these bytes. */
  drops(bytes: Uint8Array, begin: number, end: number): boolean {
    const names = this.#byLength[end - begin];
    if (names === undefined) return false;
    for (let index = 0; index < names.length; index++)
      if (isWord(bytes, begin, end, names[index] as string)) return true;
    return false;
  }

  /** Whether it takes any of these away. */
  dropsAny(headers: RawHeaders | undefined): boolean {
    return headers !== undefined && this.without(headers).length < headers.length;
  }
}

function saysNothing(name: string): boolean {
  return token.test(name) && kindOf(Buffer.from(name, "latin1"), 0, name.length) === kinds.other;
}
