import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { isToken } from "./fields.ts";
import { methodAt, partAt, putMethod, putOptionalText, putScheme, schemeAt } from "./values.ts";

/** What a guest reads and sets of a request that it makes. */
interface Properties {
  method: string;
  target: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
}

/** How a version of WASI has them. */
interface Version {
  /** The resource that they are methods of. */
  resource: string;
  /** What stands before the name of a property that is read. */
  getter: "" | "get-";
  requestOf(guest: Guest, handle: number): Properties;
  /** The target that stands for what was set; undefined: none may be like this. */
  targetOf(text: string): string | undefined;
  fitsAuthority(text: string): boolean;
}

/** A form that texts have to have. The last one that had it is known: guests set the same ones again and again. */
export class Form {
  readonly #form: RegExp;
  #last = "";

  constructor(form: RegExp) {
    this.#form = form;
  }

  fits(text: string): boolean {
    if (text !== "" && text === this.#last) return true;
    if (!this.#form.test(text)) return false;
    this.#last = text;
    return true;
  }
}

const schemeForm = new Form(/^[a-z][a-z0-9+.-]*$/i);
const [done, failed] = [0, 1];

/** Methods that read and set the properties of a request. */
export function requestProperties(version: Version): Record<string, Function> {
  const { resource, getter, requestOf, targetOf, fitsAuthority } = version;
  const read = (name: string): string => `[method]${resource}.${getter}${name}`;
  const write = (name: string): string => `[method]${resource}.set-${name}`;
  /** Sets one, and counts what the host keeps of it. Undefined: there is none. */
  const become = <Name extends keyof Properties>(
    guest: Guest,
    handle: number,
    name: Name,
    value: Properties[Name],
  ): number => {
    guest.keeps(value?.length ?? 0);
    requestOf(guest, handle)[name] = value;
    return done;
  };
  return {
    [read("method")]: host("ii", (guest, memory) => (handle: number, result: number) => {
      putMethod(memory, result, requestOf(guest, handle).method);
    }),
    [write("method")]: host(
      "iiii:i",
      (guest, memory) => (handle: number, place: number, pointer: number, size: number) => {
        const method = methodAt(guest, memory, place, pointer, size);
        return method !== undefined && isToken(method) ? become(guest, handle, "method", method) : failed;
      },
    ),
    [read("path-with-query")]: host("ii", (guest, memory) => (handle: number, result: number) => {
      putOptionalText(memory, result, requestOf(guest, handle).target);
    }),
    [write("path-with-query")]: host(
      "iiii:i",
      (guest, memory) => (handle: number, some: number, pointer: number, size: number) => {
        if (some === 0) return become(guest, handle, "target", undefined);
        const text = partAt(memory, pointer, size);
        const target = text === undefined ? undefined : targetOf(text);
        return target === undefined ? failed : become(guest, handle, "target", target);
      },
    ),
    [read("scheme")]: host("ii", (guest, memory) => (handle: number, result: number) => {
      putScheme(memory, result, requestOf(guest, handle).scheme);
    }),
    [write("scheme")]: host(
      "iiiii:i",
      (guest, memory) => (handle: number, some: number, place: number, pointer: number, size: number) => {
        if (some === 0) return become(guest, handle, "scheme", undefined);
        const scheme = schemeAt(guest, memory, place, pointer, size);
        return scheme !== undefined && schemeForm.fits(scheme) ? become(guest, handle, "scheme", scheme) : failed;
      },
    ),
    [read("authority")]: host("ii", (guest, memory) => (handle: number, result: number) => {
      putOptionalText(memory, result, requestOf(guest, handle).authority);
    }),
    [write("authority")]: host(
      "iiii:i",
      (guest, memory) => (handle: number, some: number, pointer: number, size: number) => {
        if (some === 0) return become(guest, handle, "authority", undefined);
        const text = partAt(memory, pointer, size);
        return text !== undefined && fitsAuthority(text) ? become(guest, handle, "authority", text) : failed;
      },
    ),
  };
}
