import { readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { gateway } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { Workspace } from "./workspace.ts";

/** Temporary files of the program, which a workspace has for itself. */
const temporary = (workspace: Workspace): string[] => readdirSync(workspace.at("tmp"));

/** Processes that work in a folder. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/** A component whose build would take as long as it may: its top level runs when it is built. */
function endless(workspace: Workspace): void {
  workspace.write("shop/page/package.json", '{ "name": "page" }');
  workspace.write("shop/page/src/index.ts", "for (;;) Date.now();\n");
}

test.each(["SIGINT", "SIGTERM"] as const)("%s ends a build with its compilers and its files", async (signal) => {
  await using workspace = new Workspace();
  endless(workspace);
  const build = workspace.start("build", "shop/page");
  await expect.poll(() => processesIn(workspace.at("tmp")).length).toBeGreaterThan(0);
  // By the signal itself, as a shell expects it.
  expect(await build.stop(signal)).toMatchObject({ code: null, out: "" });
  expect(temporary(workspace)).toEqual([]);
  await expect.poll(() => processesIn(workspace.at("tmp"))).toEqual([]);
});

test("up that is stopped while it builds leaves nothing either", async () => {
  await using workspace = new Workspace();
  endless(workspace);
  const component = "apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: page }\n";
  workspace.write("shop/site.yaml", `${gateway(await freePort())}---\n${component}spec: { source: ./page }\n`);
  const up = workspace.start("up", "shop", "--build");
  await expect.poll(() => processesIn(workspace.at("tmp")).length).toBeGreaterThan(0);
  await up.stop("SIGTERM");
  expect(temporary(workspace)).toEqual([]);
  await expect.poll(() => processesIn(workspace.at("tmp"))).toEqual([]);
});
