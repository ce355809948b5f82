import { BandstandError } from "../../../foundation/errors/index.ts";
import type { ComponentSource } from "../../configuration/components.ts";

/** Stand-ins for components that do to a worker what no real component can, for tests of the pool. */
export async function componentSource(): Promise<ComponentSource> {
  let loads = 0;
  return {
    async load(plan, host) {
      const name = plan.id.split("/")[1] ?? "";
      if (name === "broken") throw new BandstandError("component-malformed", "it is no component");
      const load = ++loads;
      return {
        handle() {
          if (name === "exit") process.exit(3);
          if (name === "stuck") for (;;);
          const config = [...host.config].map(([key, value]) => `${key}=${value}`).join();
          host.logger.info("a guest's line");
          return { status: 200, headers: [], body: `${name} ${load} ${config}` };
        },
        async close() {},
      };
    },
  };
}
