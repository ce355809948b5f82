import type { ArgumentPlan, ConfigValue } from "../../../model/plan/index.ts";
import { fromKey, fromSources } from "../config/sources.ts";
import { compare } from "../inventory.ts";
import type { Container } from "../../../model/kinds/types.ts";
import type { PodContext } from "./context.ts";
import { expand } from "./expand.ts";
import { fieldValue, resourceValue } from "./fields.ts";

export type Environment = ReadonlyMap<string, ConfigValue>;

/** envFrom, then env in order; `$(NAME)` sees what stands before it. Throws Unplannable. */
export function environmentOf(container: Container, pod: PodContext): Environment {
  const environment = fromSources(container.envFrom ?? [], pod);
  for (const name of environment.keys()) {
    if (name === "" || name.includes("=")) environment.delete(name);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom
      ? sourceOf(valueFrom, container, pod)
      : pod.secrets.compose(expand(value ?? "", environment));
    if (found !== undefined) environment.set(name, found);
  }
  return environment;
}

/** Sorted, since order means nothing to a process. */
export function plain(environment: Environment): Record<string, ConfigValue> {
  return Object.fromEntries([...environment].toSorted(([a], [b]) => compare(a, b)));
}

/** Words of command or args with `$(NAME)` expanded; one that holds a secret becomes a pointer. */
export function wordsOf(words: readonly string[], environment: Environment, pod: PodContext): ArgumentPlan[] {
  return words.map((word) => {
    const value = pod.secrets.compose(expand(word, environment));
    return "value" in value ? value.value : value;
  });
}

type Source = NonNullable<NonNullable<Container["env"]>[number]["valueFrom"]>;

function sourceOf(from: Source, container: Container, pod: PodContext): ConfigValue | undefined {
  const value = from.fieldRef
    ? fieldValue(from.fieldRef.fieldPath, pod)
    : from.resourceFieldRef && resourceValue(from.resourceFieldRef, container, pod);
  return value === undefined ? fromKey(from, pod) : { value };
}
