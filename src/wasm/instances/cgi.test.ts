import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BodyStream, HttpRequest, HttpResponse } from "../../foundation/http/index.ts";
import { isStream } from "../../foundation/http/index.ts";
import { loggerTo, type LogLine } from "../../foundation/log/index.ts";
import { usualCounts, type ComponentPlan } from "../../model/plan/index.ts";
import { hostLookup } from "../host/index.ts";
import { prepare } from "../prepare/index.ts";
import type { LoadedComponent } from "../runtime.ts";
import { v8Runtime } from "../runtimes/v8/index.ts";

const why = existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? ""
  : " (skipped: wasi-libc is missing; as root: npm run setup)";

describe.skipIf(why !== "")(`a WASI 0.1 module that answers by the CGI convention${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "bandstand-cgi-"));
  const lines: LogLine[] = [];
  const opened: LoadedComponent[] = [];
  let bytes: Buffer;
  let component: LoadedComponent;

  const limits = {
    memory: 16 << 20,
    cpu: 300,
    wall: 20_000,
    requestBody: 1 << 20,
    responseBody: 1 << 20,
    ...usualCounts,
  };
  const load = async (changes: Partial<ComponentPlan> = {}): Promise<LoadedComponent> => {
    const isolation = changes.isolation ?? "request";
    const prepared = prepare(bytes, hostLookup, isolation);
    const plan: ComponentPlan = {
      id: "default/cgi",
      digest: prepared.digest,
      isolation,
      runtime: "v8",
      limits,
      capabilities: { http: [], services: [], keyValue: [] } as never,
      config: { GREETING: { value: "hello" } },
      identityHeaders: [],
      ...changes,
    };
    const loaded = await v8Runtime.load(plan, prepared, {
      logger: loggerTo((line) => void lines.push(line), { minimum: "debug" }),
      config: new Map([["GREETING", "hello"]]),
      fetch: () => Promise.reject(new Error("no network here")),
    });
    opened.push(loaded);
    return loaded;
  };
  const ask = async (changes: Partial<HttpRequest>, from = component): Promise<HttpResponse> =>
    from.handle(
      { method: "GET", scheme: "http", authority: "a:80", target: "/", headers: [], body: undefined, ...changes },
      { id: "request-1", remoteAddress: "192.0.2.1", onAbort: () => {} },
    );
  const text = async ({ body }: HttpResponse): Promise<string> => {
    if (!isStream(body)) return typeof body === "string" ? body : Buffer.from(body ?? "").toString();
    let all = "";
    for (let piece = await body.read(); piece !== undefined; piece = await body.read())
      all += Buffer.from(piece).toString();
    return all;
  };
  /** A body that comes piece by piece. */
  const arriving = (pieces: string[]): BodyStream => ({
    length: undefined,
    trailers: undefined,
    async read() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const piece = pieces.shift();
      return piece === undefined ? undefined : Buffer.from(piece);
    },
    cancel: () => void pieces.splice(0),
  });

  beforeAll(async () => {
    const source = join(import.meta.dirname, "../../../tests/guests/cgi/cgi.c");
    const out = join(folder, "cgi.wasm");
    execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", out, source]);
    bytes = readFileSync(out);
    component = await load();
  });
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("answers with what the request and its configuration say, secrets too, and nothing of this process", async () => {
    const headers = ["X-A", "1", "Cookie", "secret=1"];
    for (let turn = 0; turn < 3; turn++) {
      const response = await ask({ method: "PUT", target: `/who?q=${turn}`, headers });
      expect(response).toMatchObject({ status: 201, headers: ["Content-Type", "text/plain"] });
      expect(await text(response)).toBe(
        `REQUEST_METHOD=PUT\nQUERY_STRING=q=${turn}\nHTTP_X_A=1\nHTTP_COOKIE=secret=1\nGREETING=hello\n`,
      );
    }
    expect(lines).toContainEqual(expect.objectContaining({ message: "asked for /who" }));
  });

  it("gets the body of the request, whole or as it comes, and streams its own", async () => {
    const body = "x".repeat(200_000);
    expect(await text(await ask({ method: "POST", target: "/echo", body }))).toBe(body);
    const pieces = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(10_000));
    expect(await text(await ask({ method: "POST", target: "/echo", body: arriving([...pieces]) }))).toBe(
      pieces.join(""),
    );
  });

  it("may draw and look at the clock before it waits for its request, and draws otherwise each time", async () => {
    const own = await load();
    const drawn = new Set<string>();
    for (let turn = 0; turn < 4; turn++) {
      const body = turn % 2 === 0 ? arriving(["one", "two"]) : "onetwo";
      const answer = await text(await ask({ method: "POST", target: "/chance", body }, own));
      expect(answer).toMatch(/^[0-9a-f]{32} 1 6\n$/);
      drawn.add(answer);
    }
    expect(drawn.size).toBe(4);
  });

  it("is refused a body beyond the limit", async () => {
    const body = arriving(Array.from({ length: 30 }, () => "x".repeat(50_000)));
    const response = await ask({ method: "POST", target: "/echo", body })
      .then(text)
      .catch((error: unknown) => error);
    expect(response).toMatchObject({ code: expect.stringMatching(/^(request-too-large|component-body-limit)$/) });
  });

  it("has no body where none may be", async () => {
    const response = await ask({ method: "HEAD", target: "/who" });
    expect({ ...response }).toEqual({ status: 201, headers: ["Content-Type", "text/plain"], body: undefined });
  });

  it("is ended past its CPU limit, and its neighbours go on", async () => {
    const loops = [ask({ target: "/loop" }), ask({ target: "/loop" })];
    for (const loop of loops) loop.catch(() => {});
    expect((await ask({ target: "/who" })).status).toBe(201);
    for (const loop of loops) await expect(loop).rejects.toMatchObject({ code: "component-cpu" });
    expect((await ask({ target: "/who" })).status).toBe(201);
  });

  it("is ended past its wall limit", async () => {
    const short = await load({ limits: { ...limits, cpu: 60_000, wall: 200 } });
    await expect(ask({ target: "/loop" }, short)).rejects.toMatchObject({ code: "component-wall" });
  });

  it.each([
    ["/trap", "component-trapped"],
    ["/nothing", "component-no-answer"],
    ["/exit", "component-trapped"],
  ])("%s is %s", async (target, code) => {
    await expect(ask({ target }).then(text)).rejects.toMatchObject({ code });
    expect((await ask({ target: "/who" })).status).toBe(201);
  });

  it("may not write more than its limit", async () => {
    await expect(ask({ target: "/long" }).then(text)).rejects.toMatchObject({ code: "component-body-limit" });
  });

  it("has no more memory than its limit, and the next request has as much", async () => {
    const first = Number(await text(await ask({ target: "/grow" })));
    expect(first).toBeGreaterThan(10);
    expect(first).toBeLessThanOrEqual(16);
    for (let turn = 0; turn < 5; turn++) expect(Number(await text(await ask({ target: "/grow" })))).toBe(first);
  });

  it("is a new program for each request where instances are to be reused, too", async () => {
    const reused = await load({ isolation: "reuse" });
    for (let turn = 0; turn < 3; turn++) expect((await ask({ target: "/who" }, reused)).status).toBe(201);
  });
});
