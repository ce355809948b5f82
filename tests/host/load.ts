import { usualCounts } from "../../src/model/plan/index.ts";
import { join } from "node:path";
import type { BandstandError } from "../../src/foundation/errors/index.ts";
import type { BodyStream, HttpRequest, HttpResponse, RequestContext } from "../../src/foundation/http/index.ts";
import { isStream } from "../../src/foundation/http/index.ts";
import { loggerTo, type LogLine } from "../../src/foundation/log/index.ts";
import type { ComponentPlan } from "../../src/model/plan/index.ts";
import { hostLookup, v8Runtime } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import type { ComponentHost, LoadedComponent } from "../../src/wasm/runtime.ts";
import { builtGuest } from "../guests/built.ts";

const root = join(import.meta.dirname, "../..");

export interface Loaded extends LoadedComponent {
  lines: LogLine[];
}

/** Loads a guest into this thread: its component, or the folder that it is built of. */
export async function load(
  guest: string | Uint8Array,
  options: { plan?: Partial<ComponentPlan>; host?: Partial<ComponentHost> } = {},
): Promise<Loaded> {
  const bytes = typeof guest === "string" ? await builtGuest(join(root, guest)) : guest;
  const lines: LogLine[] = [];
  const plan: ComponentPlan = {
    id: "default/guest",
    digest: "sha256:0",
    isolation: "request",
    runtime: "v8",
    limits: { memory: 64 << 20, cpu: 1000, wall: 5000, requestBody: 1 << 20, responseBody: 1 << 20, ...usualCounts },
    capabilities: { http: [], services: [], keyValue: [] },
    config: {},
    identityHeaders: [],
    ...options.plan,
  };
  const loaded = await v8Runtime.load(plan, prepare(bytes, hostLookup, plan.isolation), {
    logger: loggerTo((line) => void lines.push(line), { minimum: "debug" }),
    config: new Map(),
    fetch: () => Promise.reject(new Error("no network here")),
    ...options.host,
  });
  return { handle: loaded.handle.bind(loaded), close: () => loaded.close(), lines };
}

export function requestOf(changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "GET",
    scheme: "http",
    authority: "shop.example:8080",
    target: "/",
    headers: [],
    body: undefined,
    ...changes,
  };
}

/** @param signal aborts the request; its reason is a BandstandError. */
export function contextOf(signal?: AbortSignal): RequestContext {
  return {
    id: "request-1",
    remoteAddress: "192.0.2.1",
    onAbort: (listener) => {
      const tell = (): void => listener(signal?.reason as BandstandError);
      if (signal?.aborted === true) tell();
      else signal?.addEventListener("abort", tell);
    },
  };
}

/** The whole body as latin1 text; rejects where it broke. */
export async function textOf({ body }: HttpResponse): Promise<string> {
  if (body === undefined) return "";
  if (typeof body === "string") return body;
  if (!isStream(body)) return Buffer.from(body).toString("latin1");
  let text = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) {
    text += Buffer.from(piece).toString("latin1");
  }
  return text;
}

/** A body that arrives piece by piece. */
export function streamOf(
  pieces: readonly string[],
  length?: number,
): BodyStream & { cancelled: boolean; read(): Promise<Uint8Array | undefined> } {
  let at = 0;
  return {
    length,
    trailers: undefined,
    cancelled: false,
    async read() {
      await new Promise((resolve) => setImmediate(resolve));
      const piece = pieces[at++];
      return piece === undefined ? undefined : Buffer.from(piece, "latin1");
    },
    cancel() {
      this.cancelled = true;
    },
  };
}
