import * as abi from "./abi";
import { area, takeString } from "./memory";
import { utf8 } from "./utf8";

/** One header as it came. */
export class Header {
  constructor(
    readonly name: string,
    readonly value: string,
  ) {}
}

/** Headers that may be changed. Names are compared without case. */
export class Headers {
  constructor(readonly handle: i32 = abi.fieldsNew()) {}

  /** The first value, or null. */
  get(name: string): string | null {
    const all = this.getAll(name);
    return all.length > 0 ? all[0] : null;
  }

  getAll(name: string): string[] {
    const key = utf8(name);
    abi.fieldsGet(this.handle, key.dataStart, key.length, area);
    const list = load<usize>(area);
    const values = new Array<string>(load<i32>(area, 4));
    for (let i = 0; i < values.length; i++) values[i] = takeString(list + (i << 3));
    return values;
  }

  /** Replaces all values. False where the host does not allow the name or value. */
  set(name: string, value: string): bool {
    const key = utf8(name);
    const bytes = utf8(value);
    // A list of one list: pointer and size.
    store<usize>(area, bytes.dataStart, 16);
    store<i32>(area, bytes.length, 20);
    abi.fieldsSet(this.handle, key.dataStart, key.length, area + 16, 1, area);
    return load<u8>(area) == 0;
  }

  append(name: string, value: string): bool {
    const key = utf8(name);
    const bytes = utf8(value);
    abi.fieldsAppend(this.handle, key.dataStart, key.length, bytes.dataStart, bytes.length, area);
    return load<u8>(area) == 0;
  }

  delete(name: string): bool {
    const key = utf8(name);
    abi.fieldsDelete(this.handle, key.dataStart, key.length, area);
    return load<u8>(area) == 0;
  }

  /** All of them, in order. */
  entries(): Header[] {
    abi.fieldsEntries(this.handle, area);
    const list = load<usize>(area);
    const all = new Array<Header>(load<i32>(area, 4));
    for (let i = 0; i < all.length; i++) {
      const at = list + (i << 4);
      all[i] = new Header(takeString(at), takeString(at + 8));
    }
    return all;
  }
}
