import type { CanonOptions, Definition } from "../binary/index.ts";
import { entry, malformed, unsupported } from "./failure.ts";
import type { CoreItem, LiftedFunc, Scope } from "./graph.ts";

/** `canon lift`: a core function as a component function. */
export function lift(definition: Extract<Definition, { kind: "lift" }>, scope: Scope): LiftedFunc {
  const { at, options } = definition;
  refuseAsync(options);
  const type = entry(scope.types, definition.type, "a type", at);
  if (type.kind !== "func") return malformed(at, `expected a function type to lift to, got a ${type.kind}`);
  if (type.async) refuseAsync({ async: true });
  return {
    kind: "lift",
    core: entry(scope.core.func, definition.core, "a core function", at),
    ...optionItems(options, scope, at),
    postReturn: optional(options.postReturn, scope.core.func, "a core function", at),
    type: type.func,
  };
}

/** `canon lower`: a function of the host as a core function. */
export function lower(definition: Extract<Definition, { kind: "lower" }>, scope: Scope): CoreItem {
  const { at, options } = definition;
  refuseAsync(options);
  const func = entry(scope.funcs, definition.func, "a function", at);
  if (func.kind === "lift") {
    return unsupported(
      "the component is composed of several that call each other",
      "Serve the parts as components of their own, for example as middlewares of one route.",
    );
  }
  return { kind: "lower", sort: "func", func, ...optionItems(options, scope, at), encoding: options.encoding };
}

/** `canon resource.drop`; making resources of its own is what a component that serves does not do yet. */
export function resourceDrop(definition: Extract<Definition, { kind: "resource" }>, scope: Scope): CoreItem {
  const type = entry(scope.types, definition.type, "a type", definition.at);
  if (type.kind !== "resource") return malformed(definition.at, `expected a resource type, got a ${type.kind}`);
  if (type.resource.interface === "" || definition.operation !== "drop") {
    return unsupported(
      `the component uses resource.${definition.operation} on a resource ${type.resource.name}`,
      "Export functions without resource types of the component's own.",
    );
  }
  return { kind: "drop", sort: "func", resource: type.resource };
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

function refuseAsync(options: { async: boolean }): void {
  if (options.async) {
    unsupported("the component uses the asynchronous canonical ABI (WASI 0.3)", "Build it for WASI 0.2.");
  }
}
