import type { LoadedComponent } from "../../wasm/runtime.ts";
import type { Stage } from "../chain/index.ts";

/** A component as the last stage of a chain. */
export function componentBackend(component: LoadedComponent): Stage {
  return (request, passage) => component.handle(request, passage);
}
