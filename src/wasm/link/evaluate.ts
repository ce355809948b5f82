import type { Component, CoreModule, CoreRef, CoreSort, Definition, Extern, Ref } from "../binary/index.ts";
import { decodeModule, exportOf } from "../binary/index.ts";
import { entry, malformed, unsupported } from "./failure.ts";
import type { CoreInstance, CoreItem, Graph, Item, ModuleInstance, Scope } from "./graph.ts";
import { newScope } from "./graph.ts";
import { builtIn, lift, lower, resourceUse } from "./canon.ts";
import { interfaceName } from "./names.ts";
import type { Budget } from "./types.ts";
import { outerScope, outerType, partOf, typeOf } from "./types.ts";

/** Definitions followed in all, nested components counted as often as they are instantiated. */
const mostWork = 2_000_000;
const mostInstances = 256;

/** Follows the definitions of a component. Throws `component-malformed` or `component-unsupported`. */
export function evaluate(component: Component): Graph {
  let work = 0;
  const budget: Budget = {
    spend: (at) => void (++work > mostWork && malformed(at, `expected at most ${mostWork} definitions to follow`)),
  };
  const instances: ModuleInstance[] = [];
  const exports = follow(component, newScope(undefined, { at: 0, parent: undefined }), undefined, instances, budget, 0);
  return { instances, exports: [...exports].map(([name, item]) => ({ name, item })) };
}

function follow(
  component: Component,
  scope: Scope,
  args: Map<string, Item> | undefined,
  made: ModuleInstance[],
  budget: Budget,
  depth: number,
): Map<string, Item> {
  const exports = new Map<string, Item>();
  for (const definition of component.definitions) {
    const { at } = definition;
    budget.spend(at);
    switch (definition.kind) {
      case "core-module":
        scope.modules.push(decodedOnce(definition));
        break;
      case "core-instance":
      case "core-bag":
        scope.coreInstances.push(coreInstance(definition, scope, made));
        break;
      case "core-type":
        break;
      case "component":
        scope.components.push({ component: definition.component, scope });
        break;
      case "instance": {
        if (depth > 32) malformed(at, "expected at most 32 instances of components within each other");
        const inner = entry(scope.components, definition.component, "a component", at);
        const given = new Map(definition.args.map(({ name, ref }) => [name, itemOf(ref, scope, at)]));
        scope.instances.push({
          exports: follow(
            inner.component,
            newScope(inner.scope, { at, parent: scope.part }),
            given,
            made,
            budget,
            depth + 1,
          ),
        });
        break;
      }
      case "bag":
        scope.instances.push({
          exports: new Map(definition.exports.map(({ name, ref }) => [name, itemOf(ref, scope, at)])),
        });
        break;
      case "alias-export": {
        const instance = entry(scope.instances, definition.instance, "an instance", at);
        const item = instance.exports.get(definition.name);
        if (item === undefined || item.sort !== definition.sort) {
          malformed(at, `expected the instance to export a ${definition.sort} ${definition.name}`);
        } else define(item, scope);
        break;
      }
      case "alias-core-export": {
        const instance = entry(scope.coreInstances, definition.instance, "a core instance", at);
        defineCore(coreExport(instance, definition.sort, definition.name, at), scope);
        break;
      }
      case "alias-outer":
        aliasOuter(definition, scope);
        break;
      case "type":
        scope.types.push(typeOf(definition.type, scope, at, budget));
        break;
      case "lift":
        scope.funcs.push(lift(definition, scope));
        break;
      case "lower":
        scope.core.func.push(lower(definition, scope));
        break;
      case "resource":
        scope.core.func.push(resourceUse(definition, scope));
        break;
      case "built-in":
        scope.core.func.push(builtIn(definition, scope));
        break;
      case "import": {
        const item = args === undefined ? hostItem(definition, scope) : args.get(definition.name);
        if (item === undefined) malformed(at, `expected an argument for the import ${definition.name}`);
        else if (sortOf(definition.extern) !== item.sort) {
          malformed(
            at,
            `expected a ${sortOf(definition.extern)} for the import ${definition.name}, got a ${item.sort}`,
          );
        } else define(item, scope);
        break;
      }
      case "export": {
        const item = itemOf(definition.ref, scope, at);
        nameFirst(item, definition.name);
        exports.set(definition.name, item);
        define(item, scope);
        break;
      }
      case "start":
      case "value":
        unsupported("the component uses values or a component start function", "Build it with a WASI 0.2 toolchain.");
    }
  }
  return exports;
}

/** A component that is instantiated often must not cost a decoding each time; it also shares its modules then. */
function decodedOnce(definition: Extract<Definition, { kind: "core-module" }>): CoreModule {
  let module = decoded.get(definition);
  if (module === undefined) {
    module = decodeModule(definition.bytes, definition.offset, definition.entries);
    decoded.set(definition, module);
  }
  return module;
}

const decoded = new WeakMap<Definition, CoreModule>();

function sortOf(extern: Extern): Item["sort"] {
  return extern.kind === "resource" ? "type" : extern.kind;
}

/** What the host gives for an import of the outermost component. */
function hostItem(definition: Extract<Definition, { kind: "import" }>, scope: Scope): Item {
  const { at, name, extern } = definition;
  if (extern.kind === "instance") {
    const type = entry(scope.types, extern.type, "a type", at);
    if (type.kind !== "instance") return malformed(at, `expected an instance type for the import ${name}`);
    return { sort: "instance", instance: type.declare(name) };
  }
  if (extern.kind === "func") {
    const type = entry(scope.types, extern.type, "a type", at);
    if (type.kind !== "func") return malformed(at, `expected a function type for the import ${name}`);
    return { sort: "func", func: { kind: "host", interface: "", version: "", name, type: type.func } };
  }
  if (extern.kind === "type") return { sort: "type", type: entry(scope.types, extern.equals, "a type", at) };
  if (extern.kind === "resource") {
    return { sort: "type", type: { kind: "resource", resource: { ...interfaceName(name), interface: "", name } } };
  }
  return unsupported(`the component imports a ${extern.kind} (${name})`, "Only interfaces of WASI can be imported.");
}

function coreInstance(
  definition: Extract<Definition, { kind: "core-instance" | "core-bag" }>,
  scope: Scope,
  made: ModuleInstance[],
): CoreInstance {
  const { at } = definition;
  if (definition.kind === "core-bag") {
    return {
      kind: "bag",
      exports: new Map(definition.exports.map(({ name, ref }) => [name, coreItem(ref, scope, at)])),
    };
  }
  const module = entry(scope.modules, definition.module, "a core module", at);
  const args = new Map(
    definition.args.map(({ name, instance }) => [name, entry(scope.coreInstances, instance, "a core instance", at)]),
  );
  if (made.length >= mostInstances) malformed(at, `expected at most ${mostInstances} instances of core modules`);
  const instance: ModuleInstance = { kind: "module", module, part: partOf(scope), at, args, order: made.length };
  made.push(instance);
  return instance;
}

/** What messages call it. */
function nameFirst(item: Item, name: string): void {
  if (item.sort === "func" && item.func.kind === "lift" && item.func.name === "") item.func.name = name;
  else if (item.sort === "type" && item.type.kind === "resource" && item.type.resource.name === "") {
    item.type.resource.name = name;
  }
}

/** What a core instance exports under a name. */
export function coreExport(instance: CoreInstance, sort: CoreSort, name: string, at: number): CoreItem {
  if (instance.kind === "bag") {
    const item = instance.exports.get(name);
    return item?.sort === sort ? item : malformed(at, `expected the core instance to export a ${sort} ${name}`);
  }
  if (exportOf(instance.module, name)?.kind === sort) {
    return { kind: "export", sort, instance, name };
  }
  return malformed(at, `expected core module ${instance.module.name ?? ""} to export a ${sort} ${name}`);
}

function coreItem(ref: CoreRef, scope: Scope, at: number): CoreItem {
  if (ref.sort === "type" || ref.sort === "module" || ref.sort === "instance") {
    return malformed(at, `expected a function, table, memory, global or tag, got a ${ref.sort}`);
  }
  return entry(scope.core[ref.sort], ref.index, `a core ${ref.sort}`, at);
}

function defineCore(item: CoreItem, scope: Scope): void {
  if (item.sort !== "type" && item.sort !== "module" && item.sort !== "instance") scope.core[item.sort].push(item);
}

function itemOf(ref: Ref, scope: Scope, at: number): Item {
  switch (ref.sort) {
    case "func":
      return { sort: "func", func: entry(scope.funcs, ref.index, "a function", at) };
    case "type":
      return { sort: "type", type: entry(scope.types, ref.index, "a type", at) };
    case "instance":
      return { sort: "instance", instance: entry(scope.instances, ref.index, "an instance", at) };
    case "component":
      return { sort: "component", ...entry(scope.components, ref.index, "a component", at) };
    case "core":
      if (ref.core.sort !== "module") return malformed(at, `expected a core module, got a core ${ref.core.sort}`);
      return { sort: "core-module", module: entry(scope.modules, ref.core.index, "a core module", at) };
    case "value":
      return unsupported("the component uses values", "Build it with a WASI 0.2 toolchain.");
  }
}

function define(item: Item, scope: Scope): void {
  if (item.sort === "func") scope.funcs.push(item.func);
  else if (item.sort === "type") scope.types.push(item.type);
  else if (item.sort === "instance") scope.instances.push(item.instance);
  else if (item.sort === "component") scope.components.push({ component: item.component, scope: item.scope });
  else if (item.sort === "core-module") scope.modules.push(item.module);
}

function aliasOuter(definition: Extract<Definition, { kind: "alias-outer" }>, scope: Scope): void {
  const { at, count, index, sort } = definition;
  if (sort === "type") scope.types.push(outerType(scope, count, index, at));
  else if (sort === "component") {
    scope.components.push(entry(outerScope(scope, count, at).components, index, "a component", at));
  } else if (sort === "core-module") {
    scope.modules.push(entry(outerScope(scope, count, at).modules, index, "a core module", at));
  } else if (sort !== "core-type") malformed(at, `expected an outer type, component or core module, got a ${sort}`);
}
