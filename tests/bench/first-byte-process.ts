/** One process of the measure in `first-byte.ts`: 20 starts that do not count, then 40 that do. Writes what they took as JSON. */
import { usualCounts, type ComponentPlan } from "../../src/model/plan/index.ts";
import { loggerTo } from "../../src/foundation/log/index.ts";
import { v8Runtime } from "../../src/wasm/index.ts";
import { PreparedStore } from "../../src/wasm/prepare/index.ts";
import type { Isolation } from "../../src/wasm/prepare/prepared.ts";
import { median } from "./report.ts";

export interface FirstByteOrder {
  /** The folder of prepared files. */
  prepared: string;
  digest: string;
  isolation: Isolation;
}

/** Milliseconds. */
export interface FirstByteTimes {
  median: number;
  least: number;
}

const { prepared, digest, isolation } = JSON.parse(process.argv[2]!) as FirstByteOrder;
const store = await PreparedStore.open(prepared);
const plan: ComponentPlan = {
  id: "default/hello",
  digest,
  isolation,
  runtime: "v8",
  limits: { memory: 128 << 20, cpu: 50, wall: 1000, requestBody: 1 << 20, responseBody: 1 << 20, ...usualCounts },
  capabilities: { http: [], services: [], keyValue: [] },
  config: {},
  identityHeaders: [],
};
const host = { logger: loggerTo(() => {}), config: new Map(), fetch: () => Promise.reject(new Error("none")) };
const times: number[] = [];
for (let round = 0; round < 60; round++) {
  const from = performance.now();
  const loaded = await store.lend(digest, isolation, (prepared) => v8Runtime.load(plan, prepared!, host));
  const response = await loaded.handle(
    { method: "GET", scheme: "http", authority: "localhost", target: "/", headers: [], body: undefined },
    { id: "1", remoteAddress: "127.0.0.1", onAbort: () => {} },
  );
  if (response.status !== 200) throw new Error(`the guest answered ${response.status}`);
  if (round >= 20) times.push(performance.now() - from);
  await loaded.close();
}
process.stdout.write(JSON.stringify({ median: median(times), least: Math.min(...times) } satisfies FirstByteTimes));
