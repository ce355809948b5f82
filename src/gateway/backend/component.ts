import type { LoadedComponent } from "../../wasm/runtime.ts";
import type { Stage } from "../chain/index.ts";
import { turn } from "../wire/turn.ts";

/** A component as the last stage of a chain. */
export function componentBackend(component: LoadedComponent): Stage {
  return (request, passage) => {
    turn.beforeGuest(passage.exchange.started);
    return component.handle(request, passage);
  };
}
