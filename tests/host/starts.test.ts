import { afterEach, expect, it } from "vitest";
import { usualCounts } from "../../src/model/plan/index.ts";
import { contextOf, load, requestOf } from "./load.ts";

const { Instance } = WebAssembly;
afterEach(() => void (WebAssembly.Instance = Instance));

/** Counts the instances of core modules that are made from now on. */
function counting(): { made: number } {
  const count = { made: 0 };
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, parameters: ConstructorParameters<typeof Instance>) {
      count.made++;
      return new target(...parameters);
    },
  });
  return count;
}

const request = requestOf({ headers: ["x-fetch", "http://elsewhere.example/"] });

it("many requests at a time do not wait until as many instances have started", async () => {
  const count = counting();
  const component = await load("tests/guests/starts-long", {
    plan: {
      limits: {
        memory: 64 << 20,
        cpu: 1000,
        wall: 30_000,
        requestBody: 1,
        responseBody: 1 << 20,
        ...usualCounts,
        concurrency: 16,
      },
    },
    host: { fetch: async () => ({ status: 200, headers: [], body: "there" }) },
  });
  const { made } = count;
  const answers = Array.from({ length: 16 }, async () => (await component.handle(request, contextOf())).status);
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 16 }, () => 200));
  // Places that are free again take those that wait: another fifteen would have been made.
  expect((count.made - made) / made).toBeLessThanOrEqual(4);
  await component.close();
});
