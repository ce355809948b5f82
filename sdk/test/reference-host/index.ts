import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transpile } from "@bytecodealliance/jco";
import * as http from "./http.ts";
import type { Forwarded, Pairs } from "./http.ts";
import { InputStream, OutputStream, Pipe, Pollable } from "./streams.ts";

export type { Forwarded, Pairs } from "./http.ts";

export interface GuestRequest {
  method?: string;
  target?: string;
  authority?: string;
  headers?: Pairs;
  body?: string;
}

export interface Surroundings {
  config?: Record<string, string>;
  /** Seconds since 1970. */
  now?: number;
  /** The next stage, or any other host; undefined: not reached. */
  onwards?: (request: Forwarded) => { status: number; headers?: Pairs; body?: string } | undefined;
}

export interface GuestAnswer {
  status: number;
  headers: Pairs;
  /** The first value, by lower-case name. */
  header(name: string): string | undefined;
  body: string;
  /** Whether the body came to its proper end. */
  complete: boolean;
  log: string;
}

export interface Guest {
  /** One request in a fresh instance. */
  answer(request: GuestRequest, surroundings?: Surroundings): GuestAnswer;
}

/**
 * Runs components for tests on bindings that jco generates, in memory and without waiting: a second
 * opinion on the ABI, independent of Bandstand's own host.
 */
export async function loadGuest(component: Uint8Array): Promise<Guest> {
  const folder = await mkdtemp(join(tmpdir(), "bandstand-guest-"));
  try {
    const { files } = await transpile(component, { name: "guest", instantiation: "sync", noTypescript: true });
    const modules = new Map<string, WebAssembly.Module>();
    for (const [name, bytes] of Object.entries(files as Record<string, Uint8Array<ArrayBuffer>>)) {
      if (name.endsWith(".wasm")) modules.set(name, new WebAssembly.Module(bytes));
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name.replace(/\.js$/, ".mjs")), bytes);
    }
    const { instantiate } = (await import(pathToFileURL(join(folder, "guest.mjs")).href)) as Bindings;
    return {
      answer: (request, surroundings = {}) => {
        const log = new Pipe();
        const imports = importsFor(surroundings, log);
        const handler = instantiate((name) => modules.get(name), imports)["incomingHandler"];
        return answerOf(handler, request, log);
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Handler {
  handle(request: http.IncomingRequest, outparam: http.ResponseOutparam): void;
}
interface Bindings {
  instantiate(module: (name: string) => WebAssembly.Module | undefined, imports: object): { incomingHandler: Handler };
}

function answerOf(handler: Handler, request: GuestRequest, log: Pipe): GuestAnswer {
  const { method = "GET", target = "/", authority = "shop.example", headers = [], body } = request;
  const parts = {
    method,
    target,
    authority,
    scheme: "http",
    headers,
    body: body === undefined ? undefined : new Pipe(body),
  };
  const outparam = new http.ResponseOutparam();
  handler.handle(new http.IncomingRequest(parts), outparam);
  const { sent } = outparam;
  if (sent === undefined) throw new Error("the guest set no answer");
  return {
    status: sent.status,
    headers: sent.headers,
    header: (name) => sent.headers.find(([each]) => each.toLowerCase() === name)?.[1],
    body: sent.body?.text() ?? "",
    complete: sent.body?.ended ?? true,
    log: log.text(),
  };
}

function importsFor({ config = {}, now = 0, onwards }: Surroundings, log: Pipe): object {
  const handle = (request: http.OutgoingRequest): http.FutureIncomingResponse =>
    new http.FutureIncomingResponse(() => {
      const answer = onwards?.({ ...request.parts, headers: request.fields.pairs(), body: request.content?.pipe });
      if (answer === undefined) return undefined;
      const { status, headers = [], body = "" } = answer;
      return new http.IncomingResponse({ status, headers, body: new Pipe(body, 1000) });
    });
  return {
    "wasi:io/error": { Error: class {} },
    "wasi:io/poll": { Pollable, poll: (all: Pollable[]) => new Uint32Array(all.keys()) },
    "wasi:io/streams": { InputStream, OutputStream },
    "wasi:http/types": { ...http, RequestOptions: class {} },
    "wasi:http/outgoing-handler": { handle },
    "wasi:config/store": { get: (name: string) => config[name] },
    "wasi:clocks/wall-clock": { now: () => ({ seconds: BigInt(now), nanoseconds: 0 }) },
    "wasi:cli/stderr": { getStderr: () => new OutputStream(log, 65536) },
  };
}
