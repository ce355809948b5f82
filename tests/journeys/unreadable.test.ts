import { chmodSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { gateway, greeter } from "./sites.ts";
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
