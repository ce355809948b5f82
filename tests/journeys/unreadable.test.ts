import { chmodSync, readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { gateway, greeter, greeterSource } from "./sites.ts";
import { Workspace } from "./workspace.ts";

// What happens where the user who calls may not read or write something.

const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

test("a component that may not be read is a problem at its place, beside the others", async () => {
  const named = (name: string, where: string): string =>
    greeter.replace("greeter", name).replace("source: ./greeter", where);
  workspace.write(
    "shop/site.yaml",
    [gateway(8080), named("one", "file: ./one.wasm"), named("two", "file: ./two.wasm"), "kind: [broken"].join("---\n"),
  );
  for (const name of ["one", "two"]) workspace.write(`shop/${name}.wasm`, "no component");
  chmodSync(workspace.at("shop/one.wasm"), 0);
  const { code, out, err } = await workspace.runUnprivileged({}, "check", "shop", "--json");
  expect({ code, err }).toEqual({ code: 1, err: "" });
  const { problems } = JSON.parse(out) as { problems: { code: string; line: number; message: string }[] };
  expect(problems.map(({ code: kind, line, message }) => [kind, line, message])).toEqual([
    ["file-unreadable", 11, "one.wasm may not be read by this user"],
    ["component-invalid", 16, expect.any(String)],
    ["yaml-syntax", expect.any(Number), expect.any(String)],
  ]);
});

test("a folder that may not be read is said to be that, by every command", async () => {
  workspace.write("closed/site.yaml", gateway(8080));
  chmodSync(workspace.at("closed"), 0);
  for (const command of ["up", "check", "status", "down", "doctor"]) {
    const { code, err } = await workspace.runUnprivileged({}, command, "closed");
    expect({ command, code, err }).toEqual({
      command,
      code: 1,
      err: `bandstand: closed may not be read by this user [site-invalid]
  Give the user that runs Bandstand the right to read it, or name another folder.
`,
    });
  }
  chmodSync(workspace.at("closed"), 0o700);
});

test("serve prepares anew where it can keep nothing, says so, and leaves nothing", async () => {
  workspace.write("greeter/assembly/index.ts", greeterSource);
  await workspace.run("build", "greeter", "-o", "ok.wasm");
  workspace.write("file", "");
  const server = workspace.startWith(
    { XDG_CACHE_HOME: workspace.at("file") },
    "serve",
    "ok.wasm",
    "--listen",
    "127.0.0.1:0",
  );
  const answer = await fetch(await server.address());
  expect(await answer.text()).toBe("Hello from Wasm\n");
  const { code, err } = await server.stop();
  expect(code).toBe(0);
  expect(err).toContain("what is prepared cannot be kept, and every start makes it anew");
  expect(readdirSync(workspace.at("tmp"))).toEqual([]);
});
