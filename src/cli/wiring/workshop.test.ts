import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PreparedStore } from "../../wasm/prepare/index.ts";
import { componentOf, wat } from "../../wasm/testkit/index.ts";
import { Workshop } from "./workshop.ts";

let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "bandstand-workshop-")), "prepared");
  await PreparedStore.open(folder);
});
afterAll(() => rm(join(folder, ".."), { recursive: true }));

it("prepares components in threads, several at a time, and keeps what comes of it", async () => {
  const workshop = new Workshop(folder);
  const store = await PreparedStore.open(folder);
  const made = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const core = await wat(`(module (func (export "run") (result i32) (i32.const ${n})))`);
      const bytes = await componentOf(core, "package t:t; world w { export run: func() -> u32; }");
      return workshop.prepare({ bytes, isolation: "request" });
    }),
  );
  expect(new Set(made.map(({ digest }) => digest)).size).toBe(3);
  for (const { digest } of made) {
    expect(await store.has(digest, "request")).toBe(true);
    expect(await store.has(digest, "reuse")).toBe(false);
    expect(await store.load(digest, "request")).toMatchObject({ digest, isolation: "request" });
  }
});

it("says why a component cannot be prepared, as the main thread would, and prepares the next one", async () => {
  const workshop = new Workshop(folder);
  for (let n = 0; n < 2; n++) {
    await expect(workshop.prepare({ bytes: Buffer.from("no component"), isolation: "request" })).rejects.toMatchObject({
      code: "component-malformed",
      remedy: expect.any(String),
    });
  }
});
