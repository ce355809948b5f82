import { afterAll, beforeAll, test } from "vitest";
import { engineSuite } from "../engine.suite.ts";
import { openBench, whyNot } from "./testing.ts";
import type { PodmanBench } from "./testing.ts";

const reason = whyNot();

if (reason === undefined) {
  let bench: PodmanBench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());
  engineSuite("podman", async () => bench.harness());
} else {
  test.skip(`engine podman: ${reason}`, () => {});
}
