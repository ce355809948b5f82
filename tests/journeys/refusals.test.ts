import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { gateway, greeter, greeterSource, route, service } from "./sites.ts";
import { freePort } from "../../src/foundation/network/testing/free-port.ts";
import { wat } from "../../src/wasm/testkit/index.ts";
import { Workspace } from "./workspace.ts";

// What the program says when it cannot do what it was asked for, beside wrong calls: every text is a golden file.

const texts = new Map<string, string>();
const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

/** Runs, remembers what was said under a title, and expects the exit code. */
async function refused(
  title: string,
  code: number,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const outcome = await workspace.runWith(environment, ...args);
  expect({ title, code: outcome.code }, outcome.out + outcome.err).toEqual({ title, code });
  texts.set(
    title,
    `$ bandstand ${args.join(" ")}    # ${code}\n${workspace.stable(outcome.out + readable(outcome.err))}`,
  );
  return outcome.err;
}

const simple = (port: number): string =>
  `${gateway(port)}---\n${route("name: api, port: 80")}---\n${service("api", 9)}`;

test("nothing runs", async () => {
  await refused("status without a site", 1, ["status"]);
  workspace.write("idle/site.yaml", simple(8080));
  await refused("status of a folder that nothing serves", 1, ["status", "idle"]);
  await refused("logs of a folder that nothing serves", 1, ["logs", "api", "--dir", "idle"]);
  await refused("status of a folder that is not there", 1, ["status", "nowhere"]);
});

test("names that cannot be one", async () => {
  workspace.write(
    "named/site.yaml",
    "apiVersion: bandstand.dev/v1alpha1\nkind: Site\nmetadata: { name: Corner_Shop }\n",
  );
  await refused("a Site with a name that is no DNS label", 1, ["up", "named"]);
  await refused("a folder that is not there", 1, ["down", "nowhere"]);
});

test("the folder of a site that is up goes away", async () => {
  for (const name of ["deleted", "moved"]) {
    workspace.write(`${name}/site.yaml`, simple(await freePort()));
    const up = workspace.start("up", name);
    await up.ready();
    renameSync(workspace.at(name), workspace.at(`${name} elsewhere`));
    if (name === "deleted") rmSync(workspace.at("deleted elsewhere"), { recursive: true });
    expect((await workspace.run("status", name)).out).toContain("site ");
    expect(await workspace.run("down", name)).toMatchObject({ code: 0, out: `${name} is down\n` });
    expect((await up.ended).code).toBe(0);
    expect(await workspace.run("down", name, "--volumes")).toMatchObject({ code: 0 });
    await refused(`a folder that is ${name}, and is known no more`, 1, ["down", name]);
  }
});

test("a port that another process has", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  workspace.write("taken/site.yaml", simple((server.address() as AddressInfo).port));
  await refused("a port in use", 1, ["up", "taken"]);
  await new Promise((resolve) => server.close(resolve));
});

test("a site that runs already, in several ways", async () => {
  const port = await freePort();
  workspace.write("one/site.yaml", simple(port));
  const up = workspace.start("up", "one");
  await up.ready();
  workspace.write("third/site.yaml", simple(await freePort()));
  const third = workspace.start("up", "third");
  await third.ready();
  await refused("status where several run", 2, ["status"]);
  await third.stop();

  workspace.write("two/site.yaml", `${simple(await freePort())}---\n${named("one")}`);
  await refused("up of what runs in the foreground", 1, ["up", "one"]);
  await refused("another folder of the same name", 1, ["up", "two"]);
  await refused("down of another folder of the same name", 1, ["down", "two"]);
  await refused("status of another folder of the same name", 1, ["status", "two"]);
  await refused("logs of another folder of the same name", 1, ["logs", "orders", "--dir", "two"]);
  expect((await workspace.run("doctor", "two")).out).toContain(
    `problem  name: the name one belongs to another folder: ${workspace.at("one")}\n`,
  );
  await refused("logs of what has none", 2, ["logs", "orders", "--dir", "one"]);

  workspace.write("one/site.yaml", `${simple(port)}---\n${named("renamed")}`);
  await expect.poll(() => up.err).toContain("name was changed");
  const line = up.err.split("\n").find((each) => each.includes("name was changed"))!;
  const { reason, remedy } = JSON.parse(line) as { reason: string; remedy: string };
  texts.set("a name that changes while it runs", `${reason}\n  ${remedy}\n`);
  await up.stop();
});

test("state that is not ours alone, or damaged", async () => {
  workspace.write("private/site.yaml", simple(await freePort()));
  workspace.write("open/something", "of somebody else's");
  chmodSync(workspace.at("open"), 0o777);
  await refused("a state folder that others may write", 1, ["up", "private"], {
    BANDSTAND_STATE: workspace.at("open"),
  });
  mkdirSync(workspace.at("damaged/private"), { recursive: true, mode: 0o700 });
  chmodSync(workspace.at("damaged"), 0o700);
  workspace.write("damaged/private/site.json", "{");
  mkdirSync(workspace.at("damaged/other"), { mode: 0o700 });
  workspace.write("damaged/other/lock", "no lock ".repeat(1000));
  workspace.write("other/site.yaml", simple(await freePort()));
  await refused("a damaged lock", 1, ["up", "other"], { BANDSTAND_STATE: workspace.at("damaged") });
  await refused("status beside a damaged lock", 1, ["status"], { BANDSTAND_STATE: workspace.at("damaged") });
  await refused("a damaged state file", 1, ["up", "private"], { BANDSTAND_STATE: workspace.at("damaged") });
});

test("builds that nobody allowed, and that fail", async () => {
  workspace.write("building/site.yaml", `${gateway(await freePort())}---\n${greeter}`);
  workspace.write("building/greeter/assembly/index.ts", greeterSource);
  await refused("sources without --build", 1, ["up", "building"]);
  workspace.write("building/greeter/assembly/index.ts", greeterSource.replace("Response.text(", "Response.txt("));
  await refused("a component that does not compile", 1, ["build", "building/greeter"]);
  mkdirSync(workspace.at("bare"));
  await refused("a folder without sources", 1, ["build", "bare"]);
  await refused("build of a folder that is not there", 1, ["build", "nowhere"]);
  await refused("build of a file", 1, ["build", "building/site.yaml"]);
  workspace.write("building/greeter/assembly/index.ts", greeterSource);
  await refused("build to where nothing can be written", 3, [
    "build",
    "building/greeter",
    "-o",
    "building/site.yaml/x",
  ]);
  await refused("build into a folder", 2, ["build", "building/greeter", "-o", "bare"]);
});

test("a component that is none", async () => {
  workspace.write(
    "bytes/site.yaml",
    `${gateway(await freePort())}---\n${greeter.replace("source: ./greeter", "file: ./x.wasm")}`,
  );
  workspace.write("bytes/x.wasm", "not WebAssembly");
  await refused("a file that is no component", 1, ["up", "bytes"]);
});

test("components that do not start, at first and in an edit", async () => {
  const site = `${gateway(await freePort())}---\n${greeter}`;
  const stuck = greeterSource.replace("export function", "unreachable();\nexport function");
  workspace.write("stuck/site.yaml", `${site}---\n${greeter.replace("name: greeter", "name: other")}`);
  workspace.write("stuck/greeter/assembly/index.ts", stuck);
  await refused("components that do not start", 1, ["up", "stuck", "--build"]);

  workspace.write("stuck/greeter/assembly/index.ts", greeterSource);
  const up = workspace.start("up", "stuck", "--build");
  await expect.poll(() => up.out).toContain("is ready");
  workspace.write("stuck/greeter/assembly/index.ts", stuck);
  await expect.poll(() => up.err).toContain("the edit is not served");
  const { out } = await workspace.run("status", "stuck", "--json");
  expect((JSON.parse(out) as { problems: unknown[] }).problems).toEqual(
    [
      ["greeter", 11],
      ["other", 16],
    ].map(([name, line]) =>
      expect.objectContaining({ file: "site.yaml", line, column: 17, resource: `WasmComponent/default/${name}` }),
    ),
  );
  await up.stop();
});

test("a lock file that is broken, or would have to change", async () => {
  workspace.write("locked/site.yaml", simple(await freePort()));
  workspace.write("locked/bandstand.lock", "nonsense: [\n");
  await refused("a broken lock file", 1, ["up", "locked", "--frozen"]);
});

test("no engine for containers", async () => {
  workspace.write(
    "boxes/pod.yaml",
    "apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: localhost/x:1 }] }\n",
  );
  await refused("containers without Podman", 3, ["up", "boxes"], { PATH: workspace.barePath() });
});

test("an address for --admin that is none", async () => {
  await refused("a wrong --admin", 2, ["up", "idle", "--admin", "9090"]);
});

test("serve of what cannot be served, and grants that are none", async () => {
  workspace.write("x.wasm", "not WebAssembly");
  await refused("serve of a file that is not there", 2, ["serve", "nowhere.wasm"]);
  workspace.write("empty.wasm", "");
  await refused("serve of an empty file", 1, ["serve", "empty.wasm"]);
  const stores = ["--keyvalue", "a", "--keyvalue-file", "building"];
  await refused("serve with stores in a folder", 2, ["serve", "x.wasm", ...stores]);
  await refused("serve of a file that is no component", 1, ["serve", "x.wasm"]);
  const other = `(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f"))) (export "f" (func $f)))`;
  workspace.write("other-world.wasm", await wat(other));
  await refused("serve of a component of another world", 1, ["serve", "other-world.wasm", "--listen", "127.0.0.1:0"]);
  await refused("serve with a wrong --listen", 2, ["serve", "x.wasm", "--listen", "8080"]);
  workspace.write("alone/assembly/index.ts", greeterSource);
  await workspace.run("build", "alone", "-o", "ok.wasm");
  await refused("serve with a wrong --cpu", 2, ["serve", "ok.wasm", "--cpu", "soon"]);
  await refused("serve with a wrong --memory", 2, ["serve", "ok.wasm", "--memory", "1"]);
  await refused("serve with a wrong --net", 2, ["serve", "ok.wasm", "--net", "ht!tp"]);
  await refused("serve with a wrong --config", 2, ["serve", "ok.wasm", "--config", "NAME"]);
  await refused("serve with a wrong --env", 2, ["serve", "ok.wasm", "--env", "NAME"]);
});

test("all of these are as they were", async () => {
  const all = [...texts].map(([title, text]) => `## ${title}\n${text}`).join("\n");
  await expect(all).toMatchFileSnapshot("golden/refusals.txt");
});

/** Diagnostics are JSON lines here; a person at a terminal sees their text. */
function readable(text: string): string {
  const line = (each: string): string =>
    each.startsWith("{") ? `${(JSON.parse(each) as { text?: string }).text ?? ""}\n` : each;
  const lines = text.split("\n").filter((each) => !each.includes('"message":"building"'));
  return lines.map(line).join("\n");
}

function named(name: string): string {
  return `apiVersion: bandstand.dev/v1alpha1\nkind: Site\nmetadata: { name: ${name} }\n`;
}
