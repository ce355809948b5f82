import type { TypePlan } from "./crossing-plan.ts";
import { malformed, unsupported } from "./failure.ts";
import { needed, type Manner } from "./flat.ts";
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
  /** Types that are made of the same are one: both ends of a stream are to agree on theirs. */
  readonly #same = new Map<string, number>();
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
  checkMemory(
    params: readonly Shape[],
    result: Shape | undefined,
    lower: Options & { async: boolean },
    lift: Options & { manner: Manner },
    name: string,
  ): void {
    const wanted = needed(params, result, lower.async ? "async" : "plain");
    const given = needed(params, undefined, "plain");
    const taken = lift.manner === "plain" ? needed(params, result, "plain") : given;
    const require = (side: Options, option: "memory" | "realloc", does: string): void => {
      if (side[option] === undefined) malformed(lower.at ?? 0, `expected the option ${option} to ${does} ${name}`);
    };
    if (wanted.memory) require(lower, "memory", "lower");
    if (wanted.realloc) require(lower, "realloc", "lower");
    if (taken.memory) require(lift, "memory", "lift");
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
      found = { index: this.#once(plan), depth: depth + 1, borrows };
      this.#found.set(shape, found);
    }
    if (found.depth > left) tooDeep(at);
    return found;
  }

  #once(plan: TypePlan): number {
    const key = JSON.stringify(plan);
    let index = this.#same.get(key);
    if (index === undefined) this.#same.set(key, (index = this.plans.push(plan) - 1));
    return index;
  }

  #plan(shape: Shape, at: number, inner: (part: Shape) => number): TypePlan {
    if (shape.size === 0) malformed(at, "expected types of values that hold something");
    switch (shape.kind) {
      case "primitive":
        return { kind: "primitive", primitive: shape.primitive };
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
        return {
          kind: "flow",
          name: shape.name,
          element: shape.element === undefined ? null : inner(shape.element),
        };
    }
  }
}

function tooDeep(at: number): never {
  return unsupported(
    `types nest more than ${deepest} deep in a call between the components that it is composed of (byte ${at})`,
    "Build it with flatter types.",
  );
}
