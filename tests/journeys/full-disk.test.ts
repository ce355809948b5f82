import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statfsSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { gateway, greeter, greeterSource } from "./sites.ts";
import { Workspace } from "./workspace.ts";

const workspace = new Workspace();
const disk = workspace.at("disk");
mkdirSync(disk);
const why =
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", disk]).status === 0
    ? ""
    : " (skipped: run the tests as root, which may mount a small disk)";
afterAll(async () => {
  if (why === "") spawnSync("umount", [disk]);
  await workspace[Symbol.asyncDispose]();
});

/** Takes what is left of it. */
function fill(): void {
  const { bavail, bsize } = statfsSync(disk);
  spawnSync("dd", ["if=/dev/zero", `of=${disk}/filling`, `bs=${bsize}`, `count=${bavail}`]);
}

describe.skipIf(why !== "")(`on a full disk${why}`, () => {
  test("every command says that it is full, where, and what to do", async () => {
    workspace.write("greeter/assembly/index.ts", greeterSource);
    expect((await workspace.run("build", "greeter", "-o", "shop/page.wasm")).code).toBe(0);
    const component = greeter.replace("source: ./greeter", "file: ./page.wasm, capabilities: { keyValue: [a] }");
    workspace.write("shop/site.yaml", `${gateway(await freePort())}---\n${component}`);
    const stores = ["--listen", "127.0.0.1:0", "--keyvalue", "a", "--keyvalue-file", "disk/kept"];
    const server = workspace.start("serve", "shop/page.wasm", ...stores);
    await server.address();
    await server.stop();
    const kept = readFileSync(workspace.at("disk/kept"));
    mkdirSync(workspace.at("disk/state"), { mode: 0o700 });
    fill();

    const texts: string[] = [];
    for (const [environment, ...call] of [
      [{ BANDSTAND_STATE: workspace.at("disk/state") }, "up", "shop"],
      [{ TMPDIR: disk }, "build", "greeter"],
      [{ TMPDIR: disk }, "check", "shop"],
      [{ TMPDIR: disk }, "serve", "shop/page.wasm", ...stores.slice(0, 4)],
      [{}, "serve", "shop/page.wasm", ...stores.slice(0, -1), "disk/other"],
    ] as const) {
      const { code, err } = await workspace.runWith(environment, ...call);
      expect({ call, code }, err).toEqual({ call, code: 3 });
      texts.push(`$ bandstand ${call.join(" ")}    # 3\n${err}`);
    }
    const text = workspace.stable(texts.join("\n")).replaceAll(/(bandstand-[a-z]+-)\w+/g, "$1<random>");
    await expect(text.replaceAll(/[0-9a-f]{64}[\w.-]*/g, "<prepared>")).toMatchFileSnapshot("golden/full-disk.txt");
    expect(readFileSync(workspace.at("disk/kept"))).toEqual(kept);
  });
});
