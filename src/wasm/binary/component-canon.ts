import { BandstandError } from "../../foundation/errors/index.ts";
import type { BuiltInDefinition, BuiltInName, CanonOptions, Definition, ValueRef } from "./component.ts";
import { valueRef } from "./component-types.ts";
import type { Reader } from "./reader.ts";

/**
 * One canonical definition. What no host of ours could do is refused by name (`component-unsupported`).
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
    default:
      return { at, ...builtIn(reader, form, at) };
  }
}

function sub(reader: Reader): void {
  if (reader.u8() !== 0) reader.fail("expected 00 behind lift or lower", reader.position - 1);
}

function noOptions(): CanonOptions {
  return {
    encoding: "utf8",
    memory: undefined,
    realloc: undefined,
    postReturn: undefined,
    async: false,
    callback: undefined,
  };
}

function canonOptions(reader: Reader): CanonOptions {
  const options = noOptions();
  for (let n = reader.count("options"); n > 0; n--) {
    const form = reader.u8("an option");
    if (form === 0x00) options.encoding = "utf8";
    else if (form === 0x01) options.encoding = "utf16";
    else if (form === 0x02) options.encoding = "latin1+utf16";
    else if (form === 0x03) options.memory = reader.u32("a memory");
    else if (form === 0x04) options.realloc = reader.u32("a function");
    else if (form === 0x05) options.postReturn = reader.u32("a function");
    else if (form === 0x06) options.async = true;
    else if (form === 0x07) options.callback = reader.u32("a function");
    else reader.fail(`expected a canonical option, got 0x${form.toString(16)}`, reader.position - 1);
  }
  return options;
}

function builtIn(reader: Reader, form: number, at: number): BuiltInDefinition {
  const found = builtIns[form];
  if (found === undefined) {
    const name = refused[form] ?? `the built-in 0x${form.toString(16)}`;
    throw new BandstandError("component-unsupported", `byte ${reader.place.base + at}: the component uses ${name}`, {
      remedy: "Build it without threads of its own and without asynchronous destructors.",
    });
  }
  const [name, operands = ""] = found;
  const definition: BuiltInDefinition = {
    kind: "built-in",
    name,
    type: undefined,
    result: undefined,
    options: noOptions(),
    cancellable: false,
    slot: 0,
  };
  for (const operand of operands) {
    if (operand === "t") definition.type = reader.u32("a type");
    else if (operand === "o") definition.options = canonOptions(reader);
    else if (operand === "a") definition.options.async = flag(reader);
    else if (operand === "c") definition.cancellable = flag(reader);
    else if (operand === "m") definition.options.memory = reader.u32("a memory");
    else if (operand === "r") definition.result = resultOf(reader);
    else {
      if (reader.u8("a type") !== 0x7f) reader.fail("expected i32, a context of wasm32", reader.position - 1);
      definition.slot = reader.u32("a slot");
    }
  }
  return definition;
}

function flag(reader: Reader): boolean {
  const byte = reader.u8("a flag");
  if (byte > 1) reader.fail(`expected 00 or 01, got 0x${byte.toString(16)}`, reader.position - 1);
  return byte === 1;
}

/** As the result of a function type. */
function resultOf(reader: Reader): ValueRef | undefined {
  const form = reader.u8("a result");
  if (form === 0x00) return valueRef(reader);
  if (form !== 0x01 || reader.u32("a result") !== 0) reader.fail("expected one result or none", reader.position - 1);
  return undefined;
}

/** By form: the name and what follows. t: type, o: options, a: async, c: cancellable, m: memory, r: result, s: slot. */
const builtIns: Record<number, readonly [name: BuiltInName, operands?: string]> = {
  0x05: ["task.cancel"],
  0x06: ["subtask.cancel", "a"],
  0x08: ["backpressure.set"],
  0x09: ["task.return", "ro"],
  0x0a: ["context.get", "s"],
  0x0b: ["context.set", "s"],
  0x0c: ["thread.yield", "c"],
  0x0d: ["subtask.drop"],
  0x0e: ["stream.new", "t"],
  0x0f: ["stream.read", "to"],
  0x10: ["stream.write", "to"],
  0x11: ["stream.cancel-read", "ta"],
  0x12: ["stream.cancel-write", "ta"],
  0x13: ["stream.drop-readable", "t"],
  0x14: ["stream.drop-writable", "t"],
  0x15: ["future.new", "t"],
  0x16: ["future.read", "to"],
  0x17: ["future.write", "to"],
  0x18: ["future.cancel-read", "ta"],
  0x19: ["future.cancel-write", "ta"],
  0x1a: ["future.drop-readable", "t"],
  0x1b: ["future.drop-writable", "t"],
  0x1c: ["error-context.new", "o"],
  0x1d: ["error-context.debug-message", "o"],
  0x1e: ["error-context.drop"],
  0x1f: ["waitable-set.new"],
  0x20: ["waitable-set.wait", "cm"],
  0x21: ["waitable-set.poll", "cm"],
  0x22: ["waitable-set.drop"],
  0x23: ["waitable.join"],
  0x24: ["backpressure.inc"],
  0x25: ["backpressure.dec"],
};

const refused: Record<number, string> = {
  0x07: "resource.drop async",
  0x26: "thread.index",
  0x27: "thread.new-indirect",
  0x28: "thread.resume-later",
  0x29: "thread.suspend",
  0x2a: "thread.suspend-then-resume",
  0x2b: "thread.yield-then-resume",
  0x2c: "thread.suspend-then-promote",
  0x2d: "thread.yield-then-promote",
  0x40: "thread.spawn-ref",
  0x41: "thread.spawn-indirect",
  0x42: "thread.available-parallelism",
};
