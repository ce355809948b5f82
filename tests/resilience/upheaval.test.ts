import { expect, it } from "vitest";
import { upheaval } from "./upheaval.ts";

it("requests outlive reloads, renewed certificates, pods that leave and crash, and workers that end", async () => {
  const report = await upheaval({ requests: 2500, clients: 6, reload: 250, restart: 40, kill: 800 });
  expect(report.failed).toEqual([]);
  expect(report.reloads).toBeGreaterThan(2);
  expect(report.restarts).toBeGreaterThan(2);
  expect(report.kills).toBeGreaterThan(0);
});
