import { BandstandError } from "../../src/foundation/errors/index.ts";
import type { Handler } from "../../src/foundation/http/index.ts";
import type { ComponentSource } from "../../src/gateway/configuration/components.ts";
import type { LoadedComponent } from "../../src/wasm/runtime.ts";

/** Stand-ins for components, by name: what the gateway does around them is under test here, not Wasm. */
const behaviours: Record<string, LoadedComponent["handle"]> = {
  hello: () => ({ status: 200, headers: ["content-type", "text/plain"], body: "hello from a component" }),
  identity: (request, context, next) => {
    request.headers.push("x-user", "alice");
    return forward(next)(request, context);
  },
  answers: () => ({ status: 401, headers: [], body: "no" }),
  counted: async (request, context, next) => {
    const response = await forward(next)(request, context);
    return { ...response, headers: [...response.headers, "x-outer", "counted"] };
  },
  trap: () => {
    throw new BandstandError("component-trapped", "unreachable");
  },
  slow: () => {
    throw new BandstandError("component-cpu", "over its CPU limit");
  },
  crash: () => {
    throw new Error("not one of ours");
  },
  never: () => new Promise(() => {}),
};

function forward(next: Handler | undefined): Handler {
  if (next === undefined) throw new Error("there is no next stage");
  return next;
}

export async function componentSource(): Promise<ComponentSource> {
  return {
    async load(plan) {
      const name = plan.id.split("/")[1] ?? "";
      const handle = behaviours[name];
      if (handle === undefined) throw new BandstandError("component-malformed", `no stand-in is named ${name}`);
      return { handle, close: async () => {} };
    },
  };
}
