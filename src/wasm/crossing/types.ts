import { BandstandError } from "../../foundation/errors/index.ts";
import type { Element } from "../host/contract.ts";
import type { CompositionPlan, ResourcePlan, TypePlan } from "../link/crossing-plan.ts";
import type { Codec } from "./codec.ts";
import { enumCodec, flagsCodec, recordCodec, variantCodec } from "./compounds.ts";
import { definedKind, handleCodec } from "./handles.ts";
import { listCodec, repeatCodec } from "./lists.ts";
import { isPlain, primitiveCodec } from "./primitives.ts";
import { stringCodec } from "./strings.ts";

/** The name of a resource type of the host by which handles are looked up; undefined: the host has none such. */
export type KindOf = (resource: { interface: string; version: string; resource: string }) => string | undefined;

/** How ends of streams and futures cross. */
export interface AsyncCodecs {
  flow(name: "stream" | "future", element: Element): Codec;
  readonly errorContext: Codec;
}

/** What all types of a composition cross by, and what its resources are called in tables of handles. */
export class Types {
  readonly codecs: readonly Codec[];
  readonly kinds: readonly string[];

  readonly #asynchronous: AsyncCodecs | undefined;

  /** @param asynchronous needed where streams, futures or error contexts cross. */
  constructor({ types, resources }: CompositionPlan, kindOf: KindOf, asynchronous?: AsyncCodecs) {
    this.#asynchronous = asynchronous;
    this.kinds = resources.map((resource, i) => kind(resource, i, kindOf));
    const codecs: Codec[] = [];
    for (const plan of types) codecs.push(this.#codec(plan, types, codecs, resources));
    this.codecs = codecs;
  }

  #flow(plan: TypePlan & { kind: "flow" }, types: readonly TypePlan[], codecs: readonly Codec[]): Codec {
    const { name, element } = plan;
    const { size, align } = element === null ? { size: 0, align: 1 as const } : codecs[element]!.flat;
    return this.#needed().flow(name, {
      size,
      align,
      plain: element === null || isPlain(types[element]!),
      type: element,
    });
  }

  #errors(): Codec {
    return this.#needed().errorContext;
  }

  #needed(): AsyncCodecs {
    return this.#asynchronous ?? unknown("for streams and futures");
  }

  #codec(
    plan: TypePlan,
    types: readonly TypePlan[],
    codecs: readonly Codec[],
    resources: readonly ResourcePlan[],
  ): Codec {
    switch (plan.kind) {
      case "primitive":
        if (plan.primitive === "error-context") return this.#errors();
        return plan.primitive === "string" ? stringCodec : primitiveCodec(plan.primitive);
      case "record":
        return recordCodec(plan.fields.map((field) => codecs[field]!));
      case "variant":
        return variantCodec(plan.cases.map((payload) => (payload === null ? undefined : codecs[payload]!)));
      case "list":
        return plan.length === null
          ? listCodec(codecs[plan.element]!, isPlain(types[plan.element]!))
          : repeatCodec(codecs[plan.element]!, plan.length);
      case "flags":
        return flagsCodec(plan.count);
      case "enum":
        return enumCodec(plan.count);
      case "flow":
        return this.#flow(plan, types, codecs);
      case "handle":
        return handleCodec(resources[plan.resource]!, this.kinds[plan.resource]!, plan.owned);
    }
  }
}

function kind(plan: ResourcePlan, index: number, kindOf: KindOf): string {
  if (plan.kind === "defined") return definedKind(index, plan.name);
  const found = kindOf({ interface: plan.interface, version: plan.version, resource: plan.name });
  return found ?? unknown(plan.name);
}

function unknown(name: string): never {
  throw new BandstandError("component-unsupported", `the host has no resource ${name}`, {
    remedy: "Build the component without it.",
  });
}
