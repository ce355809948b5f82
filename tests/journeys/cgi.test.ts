import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateway, route } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";

const why = existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? ""
  : " (skipped: wasi-libc is missing; as root: npm run setup)";

describe.skipIf(why !== "")(`a WASI 0.1 module serves by the CGI convention${why}`, () => {
  const workspace = new Workspace();
  afterAll(() => workspace[Symbol.asyncDispose]());
  beforeAll(() => {
    const source = join(import.meta.dirname, "../guests/cgi/cgi.c");
    workspace.write("site/empty", "");
    const out = workspace.at("site/cgi.wasm");
    execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", out, source]);
  });

  /** What any such server has to do with the program of the tests. */
  async function answers(url: string): Promise<void> {
    const response = await fetch(`${url}/who?q=1`);
    expect({ status: response.status, text: await response.text() }).toEqual({
      status: 201,
      text: "REQUEST_METHOD=GET\nQUERY_STRING=q=1\nGREETING=hello\n",
    });
    const body = Buffer.alloc(300_000, "drum ");
    const echo = await fetch(`${url}/echo`, { method: "POST", body });
    expect(Buffer.from(await echo.arrayBuffer()).equals(body)).toBe(true);
    const [loop, trap] = await Promise.all([fetch(`${url}/loop`), fetch(`${url}/trap`)]);
    expect([loop.status, trap.status]).toEqual([504, 500]);
    expect((await fetch(`${url}/who`)).status).toBe(201);
  }

  test("of a site, checked before", async () => {
    const component = `apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: cgi }
spec: { file: ./cgi.wasm, config: { GREETING: hello }, limits: { cpu: 200ms } }
`;
    const backend = "group: bandstand.dev, kind: WasmComponent, name: cgi";
    workspace.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${component}`);
    expect(await workspace.run("check", "--strict", "site")).toMatchObject({ code: 0 });
    const up = workspace.start("up", "site");
    await answers(await up.ready());
    expect((await up.stop()).code).toBe(0);
  });

  test("without any YAML", async () => {
    const options = ["--listen", "127.0.0.1:0", "--env", "GREETING=hello", "--cpu", "200ms"];
    const serve = workspace.start("serve", ...options, "site/cgi.wasm");
    await answers(await serve.address());
    expect((await serve.stop()).code).toBe(0);
  });
});
