import * as abi from "./abi";
import { writeAll } from "./body";
import { area, takeOptional, takeString } from "./memory";
import { utf8 } from "./utf8";

/** A value of the component's `config`; null where it is missing. */
export function config(name: string): string | null {
  const key = utf8(name);
  abi.configGet(key.dataStart, key.length, area);
  return load<u8>(area) != 0 ? null : takeOptional(area + 4);
}

/** Seconds since 1970. */
export function now(): i64 {
  abi.wallClockNow(area);
  return load<i64>(area);
}

/** One line to the component's log. */
export function log(line: string): void {
  const stream = abi.getStderr();
  writeAll(stream, utf8(line + "\n"));
  abi.outputDrop(stream);
}
