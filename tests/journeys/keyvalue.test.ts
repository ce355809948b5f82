import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtGuest } from "../guests/built.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { gateway, greeter, route } from "./sites.ts";
import { Workspace } from "./workspace.ts";

const why = existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? ""
  : " (skipped: wasi-libc is missing; as root: npm run setup)";
const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

describe.skipIf(why !== "")(`a component that keeps keys and values, served by itself${why}`, () => {
  beforeAll(async () => {
    workspace.write("keyvalue.wasm", await builtGuest(join(import.meta.dirname, "../guests/keyvalue")));
  });

  /** Asks a server of its own; answers what each came to, and what the server said. */
  async function ask(flags: readonly string[], ...requests: (readonly [path: string, store?: string])[]) {
    const running = workspace.start("serve", "--listen", "127.0.0.1:0", ...flags, "keyvalue.wasm");
    const url = await running.address();
    const answers: string[] = [];
    for (const [path, store] of requests) {
      // On a connection each it may come to any thread.
      const headers = {
        connection: "close",
        "x-value": "one",
        ...(store !== undefined && { "x-store": store }),
      };
      answers.push(await (await fetch(url + path, { headers })).text());
    }
    const { err } = await running.stop();
    return { answers, err };
  }

  test("opens no store that it was not granted, and its operator is told once which it wanted", async () => {
    const refused = Array.from({ length: 10 }, () => ["/get/a", "carts"] as const);
    const { answers, err } = await ask(["--keyvalue", "visits"], ...refused, ["/get/a"]);
    expect(answers).toEqual([...refused.map(() => "access denied"), "none"]);
    expect(err.match(/it may not open the key-value store \\?"carts\\?"/g)).toHaveLength(1);
    expect(err).toContain("--keyvalue");
    expect((await ask([], ["/get/a"])).answers).toEqual(["access denied"]);
  });

  test("shares what it keeps between requests and threads, and keeps it no longer than the server", async () => {
    const flags = ["--keyvalue", "visits"];
    const many = Array.from({ length: 20 }, () => ["/add/n"] as const);
    expect((await ask(flags, ...many)).answers).toEqual(many.map((_, i) => String(i + 1)));
    expect((await ask(flags, ["/get/n"])).answers).toEqual(["none"]);
  });

  test("keeps it in a file, where one is named", async () => {
    const flags = ["--keyvalue", "visits", "--keyvalue", "", "--keyvalue-file", "kept.sqlite"];
    expect((await ask(flags, ["/set/a"], ["/get/a"])).answers).toEqual(["none", "one"]);
    expect((await ask(flags, ["/get/a"], ["/get/a", ""])).answers).toEqual(["one", "none"]);
    // Whoever copies the file has it all.
    expect(readdirSync(workspace.path).filter((name) => name.startsWith("kept."))).toEqual(["kept.sqlite"]);
    workspace.write("other.txt", "no database, whatever its name says\n".repeat(100));
    const { code, err } = await workspace.run("serve", ...flags.slice(0, -1), "other.txt", "keyvalue.wasm");
    expect(code).toBe(1);
    expect(err).toContain("[state-refused]");
  });

  test("a site's stores are its own: no other folder of its name reads or removes them", async () => {
    const shop = (port: number): string => `${gateway(port)}---
${route("group: bandstand.dev, kind: WasmComponent, name: kept")}---
${greeter.replace("name: greeter", "name: kept").replace("source: ./greeter", "file: ./kept.wasm, capabilities: { keyValue: [visits] }")}`;
    for (const folder of ["aa/shop", "bb/shop"]) {
      workspace.write(`${folder}/site.yaml`, shop(await freePort()));
      cpSync(workspace.at("keyvalue.wasm"), workspace.at(folder, "kept.wasm"));
    }
    const up = workspace.start("up", "aa/shop");
    await (await fetch(`${await up.ready()}/set/k`, { headers: { "x-value": "of aa" } })).text();
    await up.stop();
    for (const call of [["up"], ["down"], ["down", "--volumes"]]) {
      const { code, err } = await workspace.run(...call, "bb/shop");
      expect({ call, code }, err).toEqual({ call, code: 1 });
      expect(err).toContain(`the name shop belongs to another folder: ${workspace.at("aa/shop")} [state-locked]`);
    }
    const again = workspace.start("up", "aa/shop");
    expect(await (await fetch(`${await again.ready()}/get/k`)).text()).toBe("of aa");
    await again.stop();
    expect((await workspace.run("down", "aa/shop")).out).toContain("its data stays (--volumes removes it)");
    await workspace.run("down", "aa/shop", "--volumes");
    const other = workspace.start("up", "bb/shop");
    expect(await (await fetch(`${await other.ready()}/get/k`)).text()).toBe("none");
    await other.stop();
  });

  test.each([
    [["--keyvalue-file", "kept.sqlite"], "none is granted"],
    [["--keyvalue", "a", "--keyvalue-file", "nowhere/kept.sqlite"], "its folder is not there"],
    [["--keyvalue", "a".repeat(129)], "a name of 129 characters"],
  ])("is not started where %j cannot be meant", async (flags, said) => {
    for (const command of ["serve", "run"]) {
      const { code, err } = await workspace.run(command, ...flags, "keyvalue.wasm");
      expect({ command, code }).toEqual({ command, code: 2 });
      expect(err).toContain(said);
    }
  });
});
