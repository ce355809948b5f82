import { afterAll, expect, test } from "vitest";
import { wat } from "../../src/wasm/testkit/index.ts";
import { Workspace } from "./workspace.ts";

const workspace = new Workspace();
afterAll(() => workspace[Symbol.asyncDispose]());

const rounds = (body: string, count: number) =>
  `(local $n i32) (loop $l ${body} (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${count}))))`;

test("a command that makes objects without end and drops them runs within a small limit", async () => {
  const made = rounds("(drop (array.new_default $a (i32.const 10000)))", 10_000);
  workspace.write("drops.wasm", await wat(`(module (type $a (array (mut i64))) (func (export "_start") ${made}))`));
  expect(await workspace.run("run", "--memory", "48Mi", "drops.wasm")).toMatchObject({ code: 0, err: "" });
});

test("one that keeps them ends with 134 and says why, and nothing else happens", async () => {
  const kept = "(loop $l (global.set $g (struct.new $n (global.get $g))) (br $l))";
  workspace.write(
    "keeps.wasm",
    await wat(
      `(module (type $n (struct (field (ref null $n)))) (global $g (mut (ref null $n)) (ref.null $n)) (func (export "_start") ${kept}))`,
    ),
  );
  const { code, err } = await workspace.run("run", "--memory", "48Mi", "keeps.wasm");
  expect(code).toBe(134);
  expect(err).toMatch(
    /^bandstand: keeps\.wasm: holds objects of \d+ bytes, and may hold 50331648 \[component-memory\]\n/,
  );
});
