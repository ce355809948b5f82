import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, Workspace } from "./workspace.ts";

const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

/** A folder whose problems are more than a pipe takes, which is 64 KiB. */
beforeAll(() => {
  const key = "k".repeat(900);
  const documents = Array.from(
    { length: 100 },
    (_, n) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c${n} }\ndata: { ${key}${n}: [1] }\n`,
  );
  workspace.write("long/site.yaml", documents.join("---\n"));
});

/** What comes through a pipe to a command of a shell, and how the program ended. */
function through(reader: string, ...args: string[]) {
  const script = `{ "$0" "$@" 2>&1; echo $? >code; } | (${reader})`;
  const { stdout } = spawnSync("sh", ["-c", script, join(root, "bin/bandstand"), ...args], {
    cwd: workspace.path,
    env: workspace.environment,
    encoding: "utf8",
    timeout: 60_000,
  });
  const { stdout: code } = spawnSync("cat", ["code"], { cwd: workspace.path, encoding: "utf8" });
  return { code: Number(code), read: stdout };
}

test("whoever reads late reads all of it", () => {
  const { code, read } = through("sleep 1; cat", "check", "long", "--json");
  expect(code).toBe(1);
  expect(read.length).toBeGreaterThan(90_000);
  expect((JSON.parse(read) as { problems: unknown[] }).problems).toHaveLength(100);
  const text = through("sleep 1; cat", "check", "long");
  expect(text.read.length).toBeGreaterThan(90_000);
  expect(text.read).toMatch(/\nlong: 100 errors; it describes nothing to serve\n$/);
});

test("a folder with more problems than anybody reads shows a hundred of them, whatever files they are in", async () => {
  for (let file = 0; file < 20; file++) {
    const documents = Array.from(
      { length: 50 },
      (_, n) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: f${file}-${n} }\ndata: { "no key": a }\n`,
    );
    workspace.write(`many/${file}.yaml`, documents.join("---\n"));
  }
  const { out } = await workspace.run("check", "many", "--json");
  const { problems } = JSON.parse(out) as { problems: { severity: string; message: string }[] };
  expect(problems).toHaveLength(101);
  expect(problems.at(-1)).toMatchObject({
    severity: "error",
    message: expect.stringMatching(/^900 more problems in this folder, among them: /),
  });
});

test("what goes to stderr too, and what a process in the background says", () => {
  for (const detach of [[], ["--detach"]]) {
    const { code, read } = through("sleep 3; cat", "up", "long", ...detach);
    expect({ detach, code }).toEqual({ detach, code: 1 });
    expect(read.length).toBeGreaterThan(90_000);
    expect(read).toContain("ConfigMap/default/c99");
    expect(read).toMatch(/\[site-invalid\]\n.*\n$/);
  }
});

test("whoever has read enough ends it, without a word", () => {
  const { code, read } = through("head -c 100; sleep 1", "check", "long", "--json");
  expect({ code, read }).toEqual({ code: 1, read: expect.stringContaining('"problems"') });
});
