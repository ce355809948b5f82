import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostLookup } from "../../host/index.ts";
import { PreparedStore, type Prepared } from "../../prepare/index.ts";
import { wat } from "../../testkit/index.ts";

/** As `bin/bandstand` starts who serves. */
const flag = /--wasm-lazy-validation/.exec(
  readFileSync(join(import.meta.dirname, "../../../../bin/bandstand"), "utf8"),
)![0];
const src = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "bandstand-lazy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command that answers by the CGI convention, where `$seldom` does not stop it. */
const answering = (seldom: string): string => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\1f\\00\\00\\00")
  (data (i32.const 16) "Content-Type: text/plain\\n\\nhello")
  (func $seldom (drop (i32.const 0x1234567)))
  (func (export "_start") ${seldom} (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

/** The same with another instruction where `$seldom` drops its number: what it leaves behind is not valid. */
function damaged(prepared: Prepared): Prepared {
  const code = Buffer.from(prepared.modules[0]!);
  const drop = code.indexOf(Buffer.from([0x41, 0xe7, 0x8a, 0x8d, 0x09, 0x1a])) + 5;
  expect(code[drop]).toBe(0x1a);
  code[drop] = 0x01;
  expect(WebAssembly.validate(code)).toBe(false);
  return { ...prepared, modules: [code] };
}

/** What code in a process of its own says, where V8 looks at functions when they first run. */
function said(code: string, ...flags: string[]): unknown {
  const out = execFileSync(process.execPath, [...flags, "--input-type=module", "-e", code], { encoding: "utf8" });
  return JSON.parse(out);
}

describe("where the engine looks at a function when it first runs", () => {
  let store: PreparedStore;
  const asked = (digest: string): string => `
    import { usualCounts } from "${src}/model/plan/index.ts";
    import { loggerTo } from "${src}/foundation/log/index.ts";
    import { v8Runtime } from "${src}/wasm/index.ts";
    import { PreparedStore } from "${src}/wasm/prepare/index.ts";
    const limits = { memory: 1 << 24, cpu: 1000, wall: 9000, requestBody: 9, responseBody: 99, ...usualCounts };
    const said = [];
    for (const isolation of ["request", "reuse"]) {
      const plan = { id: "a/b", digest: "${digest}", isolation, runtime: "v8", limits, capabilities: { http: [], services: [] }, config: {}, identityHeaders: [] };
      const host = { logger: loggerTo(() => {}), config: new Map() };
      const store = await PreparedStore.open("${folder}");
      const loaded = await store.lend(plan.digest, isolation, (prepared) => v8Runtime.load(plan, prepared, host));
      const ask = async () => loaded.handle(
        { method: "GET", scheme: "http", authority: "a", target: "/", headers: [], body: undefined },
        { id: "1", remoteAddress: "127.0.0.1", onAbort() {} });
      for (let i = 0; i < 2; i++)
        said.push(await ask().then(({ status }) => status, ({ code, message, remedy }) => ({ code, message, remedy })));
      await loaded.close();
    }
    console.log(JSON.stringify(said));`;
  const putDamaged = async (text: string): Promise<string> => {
    const bytes = await wat(text);
    for (const isolation of ["request", "reuse"] as const)
      await store.put(damaged(await store.prepare(bytes, hostLookup, isolation)));
    return (await store.prepare(bytes, hostLookup, "request")).digest;
  };
  beforeAll(async () => void (store = await PreparedStore.open(folder)));

  it("a damaged function ends the request that comes to it, and is never run", async () => {
    const digest = await putDamaged(answering("(call $seldom)"));
    const failure = {
      code: "component-trapped",
      message: expect.stringMatching(
        /^came to code that is not valid: Compiling function #\d+.* failed: expected 0 elements/,
      ),
      remedy: expect.stringContaining("remove it from the cache"),
    };
    expect(said(asked(digest), flag)).toEqual([failure, failure, failure, failure]);
  });

  it("requests that do not come to it are answered", async () => {
    const digest = await putDamaged(answering(`(if (i32.eqz (i32.const 7)) (then (call $seldom)))`));
    expect(said(asked(digest), flag)).toEqual([200, 200, 200, 200]);
  });

  it("preparing looks at all functions, and says the same of them as elsewhere", async () => {
    const broken = Buffer.from(await wat(answering("")));
    broken[broken.indexOf(Buffer.from([0x41, 0xe7, 0x8a, 0x8d, 0x09, 0x1a])) + 5] = 0x01;
    const code = `
      import { hostLookup } from "${src}/wasm/index.ts";
      import { prepare } from "${src}/wasm/prepare/index.ts";
      const said = [];
      for (let i = 0; i < 2; i++)
        try { prepare(Buffer.from("${broken.toString("base64")}", "base64"), hostLookup, "request"); }
        catch ({ code, message }) { said.push([code, message]); }
      console.log(JSON.stringify(said));`;
    const refused = said(code);
    const why = [
      "component-malformed",
      expect.stringMatching(/no valid WebAssembly module: Compiling function #\d+.* failed/),
    ];
    expect(refused).toEqual([why, why]);
    expect(said(code, flag)).toEqual(refused);
  });
});
