import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtGuest } from "../guests/built.ts";
import { gateway, greeter, greeterSource, route } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";
import type { Running } from "./workspace.ts";

const workspace = new Workspace();
let up: Running;
let url: string;

beforeAll(async () => {
  const backend = "group: bandstand.dev, kind: WasmComponent, name: greeter";
  workspace.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${greeter}`);
  workspace.write("site/greeter/assembly/index.ts", greeterSource);
  up = workspace.start("up", "site", "--build");
  url = await up.ready();
});

afterAll(async () => {
  await up.stop();
  await workspace[Symbol.asyncDispose]();
});

test("a component built from its folder answers, and shows in status", async () => {
  expect(await (await fetch(url)).text()).toBe("Hello from Wasm\n");
  const { out } = await workspace.run("status", "site", "--json");
  const { components } = JSON.parse(out) as { components: { digest: string }[] };
  expect(components).toEqual([
    { namespace: "default", name: "greeter", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), state: "ready" },
  ]);
  expect((await workspace.run("status", "site")).out).toContain(
    `default/greeter  ready  ${components[0]!.digest.slice(7, 19)}`,
  );
});

test("its log lines are shown, as text and as JSON, of the past and as they come", async () => {
  await fetch(`${url}/first`);
  await fetch(`${url}/second`);
  const shown = async (...args: string[]): Promise<string[]> => {
    const { out } = await workspace.run("logs", "greeter", "--dir", "site", ...args);
    return out.trimEnd().split("\n");
  };
  await expect
    .poll(() => shown())
    .toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d default\/greeter .*greeted \/second$/));
  expect(await shown("--tail", "1")).toHaveLength(1);
  const line = JSON.parse((await shown("--tail", "1", "--json"))[0]!) as Record<string, unknown>;
  expect(line).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    source: "default/greeter",
    stream: expect.any(String),
    text: expect.stringContaining("greeted /second"),
  });

  const following = workspace.start("logs", "default/greeter", "--dir", "site", "--follow", "--tail", "0");
  await expect
    .poll(async () => {
      await fetch(`${url}/third`);
      return following.out;
    })
    .toContain("greeted /third");
  await following.stop();
});

test("an edit of its sources is built and served, and one that does not compile is not", async () => {
  const file = workspace.at("site/greeter/assembly/index.ts");
  const source = readFileSync(file, "utf8");
  workspace.write("site/greeter/assembly/index.ts", source.replace("Hello", "Good evening"));
  await expect.poll(async () => (await fetch(url)).text()).toBe("Good evening from Wasm\n");

  workspace.write("site/greeter/assembly/index.ts", source.replace("Response.text", "Response.txt"));
  await expect.poll(() => up.err).toContain("the edit is not served");
  const { out } = await workspace.run("status", "site", "--json");
  const { problems } = JSON.parse(out) as { problems: unknown[] };
  expect(problems).toEqual([
    expect.objectContaining({
      code: "build-failed",
      resource: "WasmComponent/default/greeter",
      message: expect.stringContaining("Property 'txt' does not exist"),
      file: "greeter/assembly/index.ts",
      line: 4,
      column: 19,
    }),
  ]);
  expect(await (await fetch(url)).text()).toBe("Good evening from Wasm\n");
});

test("build writes it to a file and says where", async () => {
  workspace.write("alone/assembly/index.ts", greeterSource);
  const built = await workspace.run("build", "alone");
  expect(built).toMatchObject({ code: 0, out: "alone/build/alone.wasm\n" });
  const { out } = await workspace.run("build", "alone", "-o", "out/x.wasm", "--json");
  const { path, language, bytes } = JSON.parse(out) as Record<string, unknown>;
  expect({ path, language }).toEqual({ path: workspace.at("out/x.wasm"), language: "assemblyscript" });
  expect(readFileSync(workspace.at("out/x.wasm")).length).toBe(bytes);
});

test("a site that still builds is said to be starting, and down ends it", async () => {
  await using slow = new Workspace();
  const backend = "group: bandstand.dev, kind: WasmComponent, name: greeter";
  slow.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${greeter}`);
  // TypeScript takes seconds to build.
  cpSync(join(import.meta.dirname, "../guests/hello-typescript"), slow.at("site/greeter"), { recursive: true });
  const starting = slow.start("up", "site", "--build");
  await expect.poll(() => starting.err).toMatch(/building/);
  const status = await slow.run("status", "site");
  expect(status.code).toBe(1);
  expect(status.err).toContain("[not-running]");
  expect(status.err).toContain("the site is starting");
  expect(await slow.run("down", "site")).toMatchObject({ code: 0, out: "site is down\n" });
  expect((await starting.ended).code).toBe(0);
});

test("a component that answers once an instance is served though it asks to be reused, and check and status say so", async () => {
  await using other = new Workspace();
  const component = "apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: once }\n";
  const spec = "spec:\n  file: ./once.wasm\n  isolation: reuse\n";
  const backend = "group: bandstand.dev, kind: WasmComponent, name: once";
  other.write("site/once.wasm", await builtGuest(join(import.meta.dirname, "../guests/once")));
  other.write("site/site.yaml", `${gateway(await freePort())}---\n${route(backend)}---\n${component}${spec}`);
  const warning = /site\.yaml:\d+:14: warning: its instances answer one request each.*\[not-supported\]/;
  expect((await other.run("check", "site")).out).toMatch(warning);
  const running = other.start("up", "site");
  const at = await running.ready();
  for (let i = 0; i < 5; i++) expect(await (await fetch(at)).text()).toBe("once\n");
  expect((await other.run("status", "site")).out).toMatch(warning);
  await running.stop();
});
