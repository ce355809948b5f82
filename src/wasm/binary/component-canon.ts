import { BandstandError } from "../../foundation/errors/index.ts";
import type { CanonOptions, Definition } from "./component.ts";
import type { Reader } from "./reader.ts";

/**
 * One canonical definition. Those of the asynchronous ABI are refused by name (`component-unsupported`).
 */
export function canon(reader: Reader): Definition {
  const at = reader.position;
  const form = reader.u8("a canonical definition");
  switch (form) {
    case 0x00: {
      sub(reader);
      const core = reader.u32("a core function");
      const options = canonOptions(reader);
      return { at, kind: "lift", core, options, type: reader.u32("a function type") };
    }
    case 0x01: {
      sub(reader);
      const func = reader.u32("a function");
      return { at, kind: "lower", func, options: canonOptions(reader) };
    }
    case 0x02:
      return { at, kind: "resource", operation: "new", type: reader.u32("a resource type") };
    case 0x03:
      return { at, kind: "resource", operation: "drop", type: reader.u32("a resource type") };
    case 0x04:
      return { at, kind: "resource", operation: "rep", type: reader.u32("a resource type") };
    default: {
      throw new BandstandError(
        "component-unsupported",
        `byte ${reader.place.base + at}: the component uses ${builtIns[form] ?? `the built-in 0x${form.toString(16)}`}`,
        { remedy: "Build it for WASI 0.2 without the asynchronous canonical ABI." },
      );
    }
  }
}

function sub(reader: Reader): void {
  if (reader.u8() !== 0) reader.fail("expected 00 behind lift or lower", reader.position - 1);
}

function canonOptions(reader: Reader): CanonOptions {
  const options: CanonOptions = {
    encoding: "utf8",
    memory: undefined,
    realloc: undefined,
    postReturn: undefined,
    async: false,
  };
  for (let n = reader.count("options"); n > 0; n--) {
    const form = reader.u8("an option");
    if (form === 0x00) options.encoding = "utf8";
    else if (form === 0x01) options.encoding = "utf16";
    else if (form === 0x02) options.encoding = "latin1+utf16";
    else if (form === 0x03) options.memory = reader.u32("a memory");
    else if (form === 0x04) options.realloc = reader.u32("a function");
    else if (form === 0x05) options.postReturn = reader.u32("a function");
    else if (form === 0x06) options.async = true;
    else if (form === 0x07) {
      reader.u32("a function");
      options.async = true;
    } else if (form === 0x08) options.async = true;
    else reader.fail(`expected a canonical option, got 0x${form.toString(16)}`, reader.position - 1);
  }
  return options;
}

const builtIns: Record<number, string> = {
  0x05: "task.cancel",
  0x06: "subtask.cancel",
  0x07: "resource.drop async",
  0x08: "backpressure.set",
  0x09: "task.return",
  0x0a: "context.get",
  0x0b: "context.set",
  0x0c: "yield",
  0x0d: "subtask.drop",
  0x0e: "stream.new",
  0x0f: "stream.read",
  0x10: "stream.write",
  0x11: "stream.cancel-read",
  0x12: "stream.cancel-write",
  0x13: "stream.drop-readable",
  0x14: "stream.drop-writable",
  0x15: "future.new",
  0x16: "future.read",
  0x17: "future.write",
  0x18: "future.cancel-read",
  0x19: "future.cancel-write",
  0x1a: "future.drop-readable",
  0x1b: "future.drop-writable",
  0x1c: "error-context.new",
  0x1d: "error-context.debug-message",
  0x1e: "error-context.drop",
  0x1f: "waitable-set.new",
  0x20: "waitable-set.wait",
  0x21: "waitable-set.poll",
  0x22: "waitable-set.drop",
  0x23: "waitable.join",
  0x40: "thread.spawn-ref",
  0x41: "thread.spawn-indirect",
  0x42: "thread.available-parallelism",
};
