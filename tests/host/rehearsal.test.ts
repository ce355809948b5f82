import { expect, it } from "vitest";
import { contextOf, load, requestOf, textOf } from "./load.ts";

/** Turns of the event loop while a guest is loaded. */
async function loadedBeside(folder: string): Promise<{ turns: number; loaded: Awaited<ReturnType<typeof load>> }> {
  let turns = 0;
  let running = true;
  const next = (): void => {
    turns++;
    if (running) setImmediate(next);
  };
  // It is built, which takes long, before its turns are counted.
  await (await load(folder)).close();
  setImmediate(next);
  const loaded = await load(folder);
  running = false;
  return { turns, loaded };
}

it("lets others run while a guest that never ends is rehearsed", async () => {
  const { turns, loaded } = await loadedBeside("tests/resilience/guests/loop");
  // In one go of 500 ms it would be a handful.
  expect(turns).toBeGreaterThan(30);
  await loaded.close();
});

it("rehearses a large guest to its end all the same", async () => {
  const { loaded } = await loadedBeside("tests/guests/hello-typescript");
  const answer = await loaded.handle(requestOf(), contextOf());
  expect(await textOf(answer)).toContain("Hello");
  await loaded.close();
});
