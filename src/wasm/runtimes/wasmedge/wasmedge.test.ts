import { usualCounts } from "../../../model/plan/index.ts";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpRequest, HttpResponse } from "../../../foundation/http/index.ts";
import { isStream } from "../../../foundation/http/index.ts";
import { loggerTo, type LogLine } from "../../../foundation/log/index.ts";
import type { ComponentPlan } from "../../../model/plan/index.ts";
import type { LoadedComponent } from "../../runtime.ts";
import { AheadStore, findWasmEdge, loadWasmEdge, type WasmEdge } from "./index.ts";

const program = await findWasmEdge(process.env).catch(() => undefined);
const compiler = existsSync("/usr/include/wasm32-wasi/stdlib.h");
const why =
  program === undefined
    ? " (skipped: WasmEdge is missing; bandstand doctor says how to install it)"
    : compiler
      ? ""
      : " (skipped: wasi-libc is missing; as root: npm run setup)";

describe("looking for WasmEdge", () => {
  it("says how to install it where it is not", async () => {
    const failure = { code: "environment", remedy: expect.stringContaining("apt-get install -y wasmedge") };
    await expect(findWasmEdge({ BANDSTAND_WASMEDGE: "/nowhere" })).rejects.toMatchObject(failure);
  });

  it("refuses a program that is something else", async () => {
    const message = expect.stringMatching(/^\/bin\/echo does not run: it says/);
    await expect(findWasmEdge({ BANDSTAND_WASMEDGE: "/bin/echo" })).rejects.toMatchObject({ message });
  });
});

describe.skipIf(why !== "")(`a WASI 0.1 module under WasmEdge${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-wasmedge-"));
  const lines: LogLine[] = [];
  let component: LoadedComponent;
  let store: AheadStore;
  let bytes: Buffer;
  let digest: string;
  const edge = program as WasmEdge;

  const plan = (changes: Partial<ComponentPlan> = {}): ComponentPlan =>
    ({
      id: "default/cgi",
      digest,
      isolation: "request",
      runtime: "wasmedge",
      limits: { memory: 16 << 20, cpu: 300, wall: 20_000, requestBody: 1 << 20, responseBody: 1 << 20, ...usualCounts },
      capabilities: { http: [], services: [], keyValue: [] },
      config: { GREETING: { value: "hello" } },
      identityHeaders: [],
      ...changes,
    }) as ComponentPlan;
  const host = {
    logger: loggerTo((line) => void lines.push(line), { minimum: "debug" }),
    config: new Map([["GREETING", "hello"]]),
    fetch: () => Promise.reject(new Error("no network here")),
  };
  const load = async (changes: Partial<ComponentPlan> = {}) =>
    loadWasmEdge(plan(changes), (await store.find(digest, edge))!, edge, host as never);
  const ask = (changes: Partial<HttpRequest>, from = component): Promise<HttpResponse> =>
    Promise.resolve(
      from.handle(
        { method: "GET", scheme: "http", authority: "a:80", target: "/", headers: [], body: undefined, ...changes },
        { id: "request-1", remoteAddress: "192.0.2.1", onAbort: () => {} },
      ),
    );
  const text = async ({ body }: HttpResponse): Promise<string> => {
    let all = "";
    if (isStream(body)) {
      for (let piece = await body.read(); piece !== undefined; piece = await body.read())
        all += Buffer.from(piece).toString();
    }
    return all;
  };

  beforeAll(async () => {
    const source = join(import.meta.dirname, "../../../../tests/guests/cgi/cgi.c");
    const out = join(folder, "cgi.wasm");
    execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", out, source]);
    bytes = readFileSync(out);
    store = await AheadStore.open(join(folder, "ahead"));
    ({ digest } = await store.prepare(bytes, edge));
    component = await load();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("answers with what the request and its configuration say, and nothing of this process", async () => {
    const headers = ["X-A", "1", "Cookie", "secret=1", "Authorization", "Bearer x"];
    const response = await ask({ method: "PUT", target: "/who?q=1", headers });
    expect(response).toMatchObject({ status: 201, headers: ["Content-Type", "text/plain"] });
    expect(await text(response)).toBe("REQUEST_METHOD=PUT\nQUERY_STRING=q=1\nHTTP_X_A=1\nGREETING=hello\n");
    expect(lines).toContainEqual(expect.objectContaining({ message: "asked for /who" }));
  });

  it("gets the body of the request", async () => {
    const body = "x".repeat(200_000);
    expect(await text(await ask({ method: "POST", target: "/echo", body }))).toBe(body);
  });

  it("is ended past its CPU limit, and its neighbour goes on", async () => {
    const loop = ask({ target: "/loop" });
    expect((await ask({ target: "/who" })).status).toBe(201);
    await expect(loop).rejects.toMatchObject({ code: "component-cpu" });
  });

  it("is ended past its wall limit", async () => {
    const short = await load({ limits: { ...plan().limits, cpu: 60_000, wall: 200 } });
    await expect(ask({ target: "/loop" }, short)).rejects.toMatchObject({ code: "component-wall" });
    await short.close();
  });

  it("has no more memory than its limit", async () => {
    expect(Number(await text(await ask({ target: "/grow" })))).toBeLessThanOrEqual(16);
  });

  it.each([
    ["/trap", "component-trapped"],
    ["/nothing", "component-no-answer"],
  ])("%s is %s", async (target, code) => {
    await expect(ask({ target })).rejects.toMatchObject({ code });
  });

  it.each([
    ["/exit", "component-trapped"],
    ["/long", "component-body-limit"],
  ])("%s breaks its answer with %s", async (target, code) => {
    const response = await ask({ target });
    expect(response.status).toBe(200);
    await expect(text(response)).rejects.toMatchObject({ code });
  });

  it("is not given what a Secret holds", async () => {
    const config = { KEY: { secret: { namespace: "default", name: "s", key: "k" } } } as never;
    await expect(load({ config })).rejects.toMatchObject({ code: "component-unsupported" });
  });

  it("is compiled once, and again where what was compiled is damaged", async () => {
    const before = (await store.find(digest, edge))!;
    await store.prepare(bytes, edge);
    expect(readdirSync(join(folder, "ahead"))).toHaveLength(2);
    writeFileSync(before, "damaged");
    expect(await store.find(digest, edge)).toBeUndefined();
    await store.prepare(bytes, edge);
    expect(await store.find(digest, edge)).toBe(before);
  });

  it.each([
    ["a component", Buffer.from("0061736d0d000100", "hex"), /is a component: WasmEdge runs WASI 0.1/],
    ["a module without a start", Buffer.from("0061736d01000000", "hex"), /exports no _start/],
    ["text", Buffer.from("hello world"), /./],
  ])("refuses %s", async (_, wrong, message) => {
    await expect(store.prepare(wrong, edge)).rejects.toMatchObject({
      code: expect.stringMatching(/^component-(unsupported|malformed)$/),
      message: expect.stringMatching(message),
    });
  });
});
