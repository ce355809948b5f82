import type { InstanceDeclaration, TypeDefinition, ValueRef, ValueShape } from "../binary/index.ts";
import { entry, malformed } from "./failure.ts";
import type { Instance, Item, Part, Resource, Scope, Type } from "./graph.ts";
import { newScope } from "./graph.ts";
import { interfaceName } from "./names.ts";
import type { Shape } from "./shape.ts";
import {
  asyncShape,
  enumShape,
  flagsShape,
  handleShape,
  listShape,
  primitiveShape,
  recordShape,
  variantShape,
} from "./shape.ts";

/** Counts work, so that definitions which multiply each other end as an error and not as a hang. */
export interface Budget {
  spend(at: number): void;
}

/** What a type definition means in a scope. */
export function typeOf(definition: TypeDefinition, scope: Scope, at: number, budget: Budget): Type {
  switch (definition.kind) {
    case "value":
      return valueType(definition.value, scope, at);
    case "func": {
      const params = definition.params.map(({ type }) => flatRef(type, scope, at));
      const result = definition.result === undefined ? undefined : flatRef(definition.result, scope, at);
      return { kind: "func", func: { params, result, async: definition.async } };
    }
    case "instance":
      return { kind: "instance", declare: (name) => declaredInstance(definition.definitions, name, scope, at, budget) };
    case "resource":
      return { kind: "resource", resource: definedResource(definition, scope, at) };
    case "component":
      return { kind: "other" };
  }
}

/** Each instance of a component that defines a resource has one of its own. */
function definedResource({ destructor }: TypeDefinition & { kind: "resource" }, scope: Scope, at: number): Resource {
  const { part } = scope;
  if (part === undefined) return malformed(at, "expected a resource to be defined by a component");
  const found = destructor === undefined ? undefined : entry(scope.core.func, destructor, "a core function", at);
  return { interface: "", version: "", name: "", defined: { part, destructor: found } };
}

function valueType(value: ValueShape, scope: Scope, at: number): Type {
  const flat = shapeOf(value, scope, at);
  if (value.kind !== "async") return { kind: "value", flat };
  const { name, element } = flat as Shape & { kind: "async" };
  const plain = element === undefined || (element.kind === "primitive" && numbers.test(element.primitive));
  return { kind: "value", flat, flow: { name, element, plain } };
}

const numbers = /^[suf]\d+$/;

/** What values of a type are, how they lie in memory and cross. */
export function flatRef(ref: ValueRef, scope: Scope, at: number): Shape {
  if (typeof ref === "string") return primitiveShape(ref);
  const type = entry(scope.types, ref, "a type", at);
  return type.kind === "value"
    ? type.flat
    : malformed(at, `expected type ${ref} to be a value type, it is a ${type.kind}`);
}

function shapeOf(shape: ValueShape, scope: Scope, at: number): Shape {
  switch (shape.kind) {
    case "primitive":
      return primitiveShape(shape.primitive);
    case "record":
      return recordShape(shape.fields.map((field) => flatRef(field, scope, at)));
    case "variant":
      return variantShape(
        shape.cases.map((payload) => (payload === undefined ? undefined : flatRef(payload, scope, at))),
      );
    case "list":
      return listShape(flatRef(shape.element, scope, at), shape.length);
    case "flags":
      return flagsShape(shape.count);
    case "enum":
      return enumShape(shape.count);
    case "handle": {
      const type = entry(scope.types, shape.resource, "a type", at);
      const resource = type.kind === "resource" ? type.resource : unknownResource;
      return handleShape(shape.owned, resource);
    }
    case "async":
      return asyncShape(shape.name, shape.element === undefined ? undefined : flatRef(shape.element, scope, at));
  }
}

/** Of a type that is only passed over: whatever would have to know it is refused. */
const unknownResource: Resource = { interface: "", version: "", name: "unknown" };

/** The instance that an import of this type gets: its functions are host functions, its resources the host's. */
function declaredInstance(
  declarations: readonly InstanceDeclaration[],
  name: string,
  parent: Scope,
  at: number,
  budget: Budget,
): Instance {
  const scope = newScope(parent);
  const exports = new Map<string, Item>();
  const imported = interfaceName(name);
  for (const declaration of declarations) {
    budget.spend(at);
    if (declaration.kind === "type") scope.types.push(typeOf(declaration.type, scope, at, budget));
    else if (declaration.kind === "alias-outer") {
      if (declaration.sort === "type") scope.types.push(outerType(scope, declaration.count, declaration.index, at));
    } else if (declaration.kind === "alias-export") {
      if (declaration.sort === "type") scope.types.push({ kind: "other" });
    } else if (declaration.kind === "export") {
      const { extern } = declaration;
      if (extern.kind === "func") {
        const type = entry(scope.types, extern.type, "a type", at);
        if (type.kind !== "func") malformed(at, `expected a function type for ${declaration.name}, got a ${type.kind}`);
        const func = { kind: "host" as const, ...imported, name: declaration.name, type: type.func };
        exports.set(declaration.name, { sort: "func", func });
      } else if (extern.kind === "type" || extern.kind === "resource") {
        const type: Type =
          extern.kind === "type"
            ? entry(scope.types, extern.equals, "a type", at)
            : { kind: "resource", resource: { ...imported, name: declaration.name } };
        scope.types.push(type);
        exports.set(declaration.name, { sort: "type", type });
      }
    }
  }
  return { exports };
}

/** The instance of a component whose definitions a scope holds. */
export function partOf({ part }: Scope): Part {
  return part ?? malformed(0, "expected a component around a definition");
}

/** The type that an outer alias names: so many scopes up. */
export function outerType(scope: Scope, count: number, index: number, at: number): Type {
  return entry(outerScope(scope, count, at).types, index, "a type", at);
}

export function outerScope(scope: Scope, count: number, at: number): Scope {
  let found: Scope | undefined = scope;
  for (let n = count; n > 0 && found !== undefined; n--) found = found.parent;
  return found ?? malformed(at, `expected at most as many enclosing components as there are, got ${count}`);
}
