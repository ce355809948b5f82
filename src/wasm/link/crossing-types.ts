import type { TypePlan } from "./crossing-plan.ts";
import { malformed, unsupported } from "./failure.ts";
import { needed } from "./flat.ts";
import type { CoreItem, Resource } from "./graph.ts";
import type { Shape } from "./shape.ts";

/** Types within each other, which are followed one call deep each. */
const deepest = 100;

interface Options {
  at?: number;
  memory: CoreItem | undefined;
  realloc: CoreItem | undefined;
}

interface Found {
  /** Among the plans. */
  index: number;
  depth: number;
  /** There is a handle in it that is only lent. */
  borrows: boolean;
}

/** The types of a composition while it is planned: each once. */
export class CrossingTypes {
  readonly plans: TypePlan[] = [];
  readonly #found = new Map<Shape, Found>();
  readonly #resource: (resource: Resource, at: number) => number;

  constructor(resource: (resource: Resource, at: number) => number) {
    this.#resource = resource;
  }

  /** Its place among the plans. */
  of(shape: Shape, at: number): number {
    return this.#follow(shape, at, deepest).index;
  }

  /** Of a result, which cannot lend anything. */
  ofResult(shape: Shape, at: number): number {
    const { index, borrows } = this.#follow(shape, at, deepest);
    return borrows ? malformed(at, "expected a result without borrowed handles") : index;
  }

  /** Memory and allocators that both sides must name, since the call reaches for them. */
  checkMemory(params: readonly Shape[], result: Shape | undefined, lower: Options, lift: Options, name: string): void {
    const wanted = needed(params, result, "plain");
    const given = needed(params, undefined, "plain");
    const require = (side: Options, option: "memory" | "realloc", does: string): void => {
      if (side[option] === undefined) malformed(lower.at ?? 0, `expected the option ${option} to ${does} ${name}`);
    };
    if (wanted.memory) require(lower, "memory", "lower");
    if (wanted.realloc) require(lower, "realloc", "lower");
    if (wanted.memory) require(lift, "memory", "lift");
    if (given.memory) require(lift, "realloc", "lift");
  }

  #follow(shape: Shape, at: number, left: number): Found {
    let found = this.#found.get(shape);
    if (found === undefined) {
      if (left === 0) tooDeep(at);
      let depth = 0;
      let borrows = shape.kind === "handle" && !shape.owned;
      const inner = (part: Shape): number => {
        const made = this.#follow(part, at, left - 1);
        depth = Math.max(depth, made.depth);
        borrows ||= made.borrows;
        return made.index;
      };
      const plan = this.#plan(shape, at, inner);
      found = { index: this.plans.push(plan) - 1, depth: depth + 1, borrows };
      this.#found.set(shape, found);
    }
    if (found.depth > left) tooDeep(at);
    return found;
  }

  #plan(shape: Shape, at: number, inner: (part: Shape) => number): TypePlan {
    if (shape.size === 0) malformed(at, "expected types of values that hold something");
    switch (shape.kind) {
      case "primitive": {
        const { primitive } = shape;
        return primitive === "error-context" ? refused(primitive, at) : { kind: "primitive", primitive };
      }
      case "record":
        return { kind: "record", fields: shape.fields.map(inner) };
      case "variant":
        return {
          kind: "variant",
          cases: shape.cases.map((payload) => (payload === undefined ? null : inner(payload))),
        };
      case "list":
        return { kind: "list", element: inner(shape.element), length: shape.length ?? null };
      case "flags":
      case "enum":
        return { kind: shape.kind, count: shape.count };
      case "handle":
        return { kind: "handle", owned: shape.owned, resource: this.#resource(shape.resource, at) };
      case "async":
        return refused("streams or futures", at);
    }
  }
}

function tooDeep(at: number): never {
  return unsupported(
    `types nest more than ${deepest} deep in a call between the components that it is composed of (byte ${at})`,
    "Build it with flatter types.",
  );
}

function refused(what: string, at: number): never {
  return unsupported(
    `the components that it is composed of hand ${what} to each other (byte ${at})`,
    "Serve the parts as components of their own, for example as middlewares of one route.",
  );
}
