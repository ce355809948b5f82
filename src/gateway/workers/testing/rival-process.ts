import { BandstandError } from "../../../foundation/errors/index.ts";
import { loggerTo } from "../../../foundation/log/index.ts";
import type { ListenerPlan } from "../../../model/plan/index.ts";
import { createGateway, type Gateway } from "../../index.ts";
import { planOf } from "./plans.ts";

// A process of its own that opens a port when it is told, beside others that do the same. Tests only.

let before: Gateway | undefined;

process.on("message", async ({ port, protocol }: { port: number; protocol: ListenerPlan["protocol"] }) => {
  const last = before;
  const gateway = createGateway({ preparedFolder: "/nonexistent", logger: loggerTo(() => {}), workers: 2 });
  before = gateway;
  const plan = planOf([], {}, [port]);
  const came = await gateway
    .apply({ ...plan, listeners: plan.listeners.map((listener) => ({ ...listener, protocol })) }, new Map())
    .then(
      () => "serves",
      (error: unknown) => (error instanceof BandstandError ? error.code : String(error)),
    );
  process.send?.(came);
  await last?.close();
});
