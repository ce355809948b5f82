import type { Compiled, ComponentInstance, InstanceImports } from "./instance.ts";
import { Place } from "./place.ts";

/** One instance with memories and host functions of its own. For one after the other take a `Place`. */
export function instantiate(compiled: Compiled, imports: InstanceImports): ComponentInstance {
  return new Place(compiled, imports).instantiate();
}
