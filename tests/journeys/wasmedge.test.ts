import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findWasmEdge } from "../../src/wasm/index.ts";
import { gateway, route } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";

const found = await findWasmEdge(process.env).then(
  () => true,
  () => false,
);
const why = found && existsSync("/usr/include/wasm32-wasi/stdlib.h") ? "" : " (skipped: as root, npm run setup)";
const component = `apiVersion: bandstand.dev/v1alpha1
kind: WasmComponent
metadata: { name: cgi }
spec: { file: ./cgi.wasm, runtime: wasmedge, config: { GREETING: hello }, limits: { cpu: 5s } }
`;
const backend = "group: bandstand.dev, kind: WasmComponent, name: cgi";

test.skipIf(why !== "")(`a WASI 0.1 module serves under WasmEdge${why}`, async () => {
  await using workspace = new Workspace();
  workspace.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${component}`);
  const source = join(import.meta.dirname, "../guests/cgi/cgi.c");
  execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", workspace.at("site/cgi.wasm"), source]);
  expect((await workspace.run("doctor", "site")).out).toMatch(/^ok +wasmedge: \d/m);
  const up = workspace.start("up", "site");
  const url = await up.ready();
  const response = await fetch(`${url}/who?q=1`);
  expect({ status: response.status, text: await response.text() }).toEqual({
    status: 201,
    text: "REQUEST_METHOD=GET\nQUERY_STRING=q=1\nGREETING=hello\n",
  });
  expect((await fetch(`${url}/trap`)).status).toBe(500);
  expect(await (await fetch(`${url}/echo`, { method: "POST", body: "sent" })).text()).toBe("sent");
  expect((await up.stop()).code).toBe(0);
});

test.skipIf(why !== "")(`a WASI 0.1 module runs under WasmEdge as it does without${why}`, async () => {
  await using workspace = new Workspace();
  const source = join(import.meta.dirname, "../guests/command/command.c");
  workspace.write("data/inside", "inside\n");
  const out = workspace.at("command.wasm");
  execFileSync("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O1", "-o", out, source]);
  const run = (flags: string[], ...args: string[]) =>
    workspace.run("run", "--runtime", "wasmedge", ...flags, "command.wasm", ...args);
  expect(await run([], "args", "one", "--help", "")).toEqual({ code: 0, out: "one\n--help\n\n", err: "" });
  expect((await run(["--env", "A=b=c"], "env", "A", "PATH")).out).toBe("A=b=c\nPATH=(none)\n");
  expect(await run([], "exit", "42")).toEqual({ code: 42, out: "", err: "" });
  expect(await run(["--dir", "data:/data"], "cat", "/data/inside")).toMatchObject({ code: 0, out: "inside\n" });
  expect((await run(["--dir", "data:/data:ro"], "write", "/data/new", "x")).code).toBe(9);
  // WasmEdge says on stdout that there is no more; what a program says behind it is the program's.
  expect(Number((await run(["--memory", "8Mi"], "grow")).out.split("\n").at(-2))).toBeLessThanOrEqual(8);
  const trap = await run([], "trap");
  expect(trap).toMatchObject({ code: 134, out: "" });
  expect(trap.err).toMatch(/unreachable[^]*trapped under WasmEdge \[component-trapped\]/);
  for (const flag of ["--cpu", "--wall"]) expect((await run([flag, "200ms"], "loop")).code).toBe(124);
  expect(await run(["--config", "A=b"], "args")).toMatchObject({ code: 2, err: expect.stringContaining("--config") });
  workspace.write("command.wasm", "\0asm\x0d\0\x01\0");
  expect(await run([])).toMatchObject({ code: 1, err: expect.stringContaining("is a component: WasmEdge runs") });
});

test("without WasmEdge the reason and the remedy are said", async () => {
  await using workspace = new Workspace();
  workspace.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${component}`);
  workspace.write("site/cgi.wasm", "\0asm\x01\0\0\0");
  const { code, err } = await workspace.runWith({ BANDSTAND_WASMEDGE: "/nowhere" }, "up", "site");
  expect(code).toBe(3);
  expect(err).toContain("BANDSTAND_WASMEDGE is /nowhere: there is no WasmEdge");
  const run = ["run", "--runtime", "wasmedge", "site/cgi.wasm"];
  const one = await workspace.runWith({ BANDSTAND_WASMEDGE: "/nowhere" }, ...run);
  expect(one).toMatchObject({ code: 3, out: "", err: expect.stringContaining("apt-get install -y wasmedge") });
  expect(err).toContain("apt-get install -y wasmedge");
});
