import type { CanonOptions, Definition } from "../binary/index.ts";
import { entry, malformed } from "./failure.ts";
import type { CoreType } from "../host/contract.ts";
import type { Flat, Signature } from "./flat.ts";
import { coreSignature } from "./flat.ts";
import type { CoreItem, Flow, LiftedFunc, Scope } from "./graph.ts";
import { flatRef, partOf } from "./types.ts";

/** `canon lift`: a core function as a component function. */
export function lift(definition: Extract<Definition, { kind: "lift" }>, scope: Scope): LiftedFunc {
  const { at, options } = definition;
  const type = entry(scope.types, definition.type, "a type", at);
  if (type.kind !== "func") return malformed(at, `expected a function type to lift to, got a ${type.kind}`);
  if (options.async && options.postReturn !== undefined) malformed(at, "expected no post-return of an async lift");
  if (!options.async && options.callback !== undefined) malformed(at, "expected a callback only of an async lift");
  return {
    kind: "lift",
    part: partOf(scope),
    name: "",
    encoding: options.encoding,
    core: entry(scope.core.func, definition.core, "a core function", at),
    ...optionItems(options, scope, at),
    postReturn: optional(options.postReturn, scope.core.func, "a core function", at),
    manner: !options.async ? "plain" : options.callback === undefined ? "async" : "callback",
    callback: optional(options.callback, scope.core.func, "a core function", at),
    type: type.func,
  };
}

/** `canon lower`: a function of the host, or of another component, as a core function. */
export function lower(definition: Extract<Definition, { kind: "lower" }>, scope: Scope): CoreItem {
  const { at, options } = definition;
  const func = entry(scope.funcs, definition.func, "a function", at);
  const { encoding, async } = options;
  const rest = { part: partOf(scope), at, ...optionItems(options, scope, at), encoding, async };
  return func.kind === "lift"
    ? { kind: "lower", sort: "func", func, ...rest }
    : { kind: "lower", sort: "func", func, ...rest };
}

/** A function of the asynchronous ABI itself. */
export function builtIn(definition: Extract<Definition, { kind: "built-in" }>, scope: Scope): CoreItem {
  const { at, name, options, cancellable, slot } = definition;
  const items = optionItems(options, scope, at);
  const flow = definition.type === undefined ? undefined : flowOf(name, definition.type, scope, at);
  const element = flow?.element;
  const result = definition.result === undefined ? undefined : flatRef(definition.result, scope, at);
  const copies = /\.(read|write)$/.test(name);
  if (items.memory === undefined && ((copies && element !== undefined) || (result?.pointers ?? false))) {
    malformed(at, `expected the option memory for ${name}`);
  }
  if (items.realloc === undefined && name.endsWith(".read") && element?.pointers) {
    malformed(at, `expected the option realloc for ${name}`);
  }
  if (slot > 1) malformed(at, `expected slot 0 or 1 of the context, got ${slot}`);
  return {
    kind: "built-in",
    sort: "func",
    use: {
      kind: "built-in",
      name,
      async: options.async,
      cancellable,
      slot,
      element: { size: element?.size ?? 0, align: element?.align ?? 1, plain: flow?.plain ?? true },
      ...builtInSignature(name, result),
    },
    value: element ?? result,
    ...items,
    encoding: options.encoding,
    part: partOf(scope),
    at,
  };
}

function flowOf(name: string, index: number, scope: Scope, at: number): Flow {
  const type = entry(scope.types, index, "a type", at);
  const wanted = name.slice(0, 6);
  if (type.kind === "value" && type.flow?.name === wanted) return type.flow;
  return malformed(at, `expected type ${index} to be a ${wanted}`);
}

const signatures: Partial<Record<string, string>> = {
  "task.cancel": ":",
  "context.get": ":i",
  "context.set": "i:",
  "thread.yield": ":i",
  "backpressure.set": "i:",
  "backpressure.inc": ":",
  "backpressure.dec": ":",
  "subtask.cancel": "i:i",
  "subtask.drop": "i:",
  "waitable-set.new": ":i",
  "waitable-set.wait": "ii:i",
  "waitable-set.poll": "ii:i",
  "waitable-set.drop": "i:",
  "waitable.join": "ii:",
  "error-context.new": "ii:i",
  "error-context.debug-message": "ii:",
  "error-context.drop": "i:",
  "stream.read": "iii:i",
  "stream.write": "iii:i",
  "future.read": "ii:i",
  "future.write": "ii:i",
  new: ":I",
  "cancel-read": "i:i",
  "cancel-write": "i:i",
  "drop-readable": "i:",
  "drop-writable": "i:",
};

function builtInSignature(name: string, result: Flat | undefined): Signature {
  if (name === "task.return")
    return { params: coreSignature(result ? [result] : [], undefined, "lower").params, results: [] };
  const text = signatures[name] ?? signatures[name.slice(7)]!;
  const [params = "", results = ""] = text.split(":");
  const types = (letters: string): CoreType[] => [...letters].map((letter) => (letter === "I" ? "i64" : "i32"));
  return { params: types(params), results: types(results) };
}

/** `canon resource.new`, `resource.rep` and `resource.drop`; the first two are for who defines the resource. */
export function resourceUse({ type, operation, at }: Definition & { kind: "resource" }, scope: Scope): CoreItem {
  const found = entry(scope.types, type, "a type", at);
  if (found.kind !== "resource") return malformed(at, `expected a resource type, got a ${found.kind}`);
  const { resource } = found;
  const part = partOf(scope);
  if (operation !== "drop" && resource.defined?.part !== part) {
    malformed(at, `expected resource.${operation} on a resource that the component defines`);
  }
  return { kind: operation, sort: "func", resource, part, at };
}

function optionItems(options: CanonOptions, scope: Scope, at: number) {
  return {
    memory: optional(options.memory, scope.core.memory, "a core memory", at),
    realloc: optional(options.realloc, scope.core.func, "a core function", at),
  };
}

function optional<T>(index: number | undefined, space: readonly T[], what: string, at: number): T | undefined {
  return index === undefined ? undefined : entry(space, index, what, at);
}
