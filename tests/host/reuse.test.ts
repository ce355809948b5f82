import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BandstandError } from "../../src/foundation/errors/index.ts";
import { usualCounts } from "../../src/model/plan/index.ts";
import { answersOnce, hostLookup } from "../../src/wasm/index.ts";
import { prepare } from "../../src/wasm/prepare/index.ts";
import { builtGuest } from "../guests/built.ts";
import { contextOf, load, requestOf, textOf, type Loaded } from "./load.ts";

const guests = join(import.meta.dirname, "../guests");

describe("a component whose instances are to be reused", () => {
  it.each([
    ["once", true],
    ["hello-typescript", true],
    ["counter", false],
    ["hello-assemblyscript", false],
    // It answers nobody here, and so it does not say.
    ["outbound", false],
  ])("is tried out: %s answers once an instance: %s", async (name, once) => {
    expect(await answersOnce(prepare(await builtGuest(join(guests, name)), hostLookup, "reuse"))).toBe(once);
  });

  it("gets a new instance for each request, once it has shown that it answers no second one", async () => {
    const component = await load("tests/guests/once", { plan: { isolation: "reuse" } });
    const answers = await ask(
      component,
      Array.from({ length: 8 }, () => "/"),
    );
    const lost = "component-no-answer";
    expect(answers).toEqual(["once\n", lost, "once\n", lost, "once\n", "once\n", "once\n", "once\n"]);
    expect(component.lines.filter(({ fields }) => fields["remedy"] !== undefined)).toMatchObject([
      { level: "warn", fields: { remedy: "Remove isolation: reuse." } },
    ]);
  });

  it("is not taken for such a one by requests that fail in any instance", async () => {
    const component = await load("tests/guests/once", { plan: { isolation: "reuse" } });
    const lost = "component-no-answer";
    expect(await ask(component, ["/never", "/never", "/never", "/", "/"])).toEqual([lost, lost, lost, "once\n", lost]);
    expect(component.lines.filter(({ fields }) => fields["remedy"] !== undefined)).toEqual([]);
  });
});

const limits = {
  ...usualCounts,
  memory: 2 << 20,
  cpu: 1000,
  wall: 5000,
  requestBody: 1 << 20,
  responseBody: 1 << 20,
};

it("is not made anew for what the host kept for requests that are over", async () => {
  const component = await load("tests/guests/counter", { plan: { isolation: "reuse", limits } });
  // Headers of 90 bytes each, of which 128 KiB would be enough.
  const counts = await ask(component, Array<string>(3000).fill("/"));
  expect(counts.map(Number)).toEqual(Array.from(counts, (_, i) => i + 1));
});

it("an instance that never frees anything is made anew before a request finds no memory", async () => {
  // Built to have a fresh state for each request: some 340 bytes more with each.
  const component = await load("tests/guests/hello-assemblyscript", { plan: { isolation: "reuse", limits } });
  for (let request = 0; request < 15_000; request++) {
    expect(await textOf(await component.handle(requestOf({ target: "/" }), contextOf()))).toBe(
      "Hello from AssemblyScript\n",
    );
  }
});

/** What each request is answered, or why it is not. */
async function ask(component: Loaded, targets: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const target of targets) {
    const answer = (async () => textOf(await component.handle(requestOf({ target }), contextOf())))();
    answers.push(await answer.catch(({ code }: BandstandError) => code));
  }
  return answers;
}
