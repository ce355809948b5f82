import { BandstandError } from "../../src/foundation/errors/index.ts";
import { isStream, type Body, type Handler } from "../../src/foundation/http/index.ts";
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
    return { status: response.status, headers: [...response.headers, "x-outer", "counted"], body: response.body };
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
  /** Reads all of a body, and gives up without an answer where it breaks, as a guest without error handling does. */
  careless: async (request, context, next) => {
    const body = await whole(request.body);
    if (next === undefined) return { status: 200, headers: [], body };
    const response = await next({ ...request, headers: request.headers, body }, context);
    return { status: response.status, headers: response.headers, body: await whole(response.body) };
  },
  never: () => new Promise(() => {}),
};

async function whole(body: Body): Promise<string> {
  if (!isStream(body)) return String(body ?? "");
  let text = "";
  try {
    for (let piece = await body.read(); piece !== undefined; piece = await body.read()) text += Buffer.from(piece);
  } catch (error) {
    throw new BandstandError("component-no-answer", "set no answer", { cause: error });
  }
  return text;
}

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
