import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GatewayPlan } from "../../src/model/plan/index.ts";
import type { Answer } from "./ask.ts";
import { startGuests, type GuestSite } from "./harness.ts";

const requests = 4000;
/** Milliseconds. */
const reloadEvery = 50;

let backend: Server;
let site: GuestSite;

beforeAll(async () => {
  backend = createServer((_, response) => void response.end("from the backend\n"));
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  site = await startGuests({
    hello: { folder: "guests/hello-c" },
    echo: { folder: "guests/echo" },
    middleware: { folder: "guests/middleware-c" },
  });
});
afterAll(async () => {
  await site?.close();
  backend?.close();
});

it(`fails none of ${requests} requests while the configuration changes every ${reloadEvery} ms`, async () => {
  const port = (backend.address() as AddressInfo).port;
  await site.gateway.apply(changed(site.plan, port, 0), new Map());
  let running = true;
  let reloads = 0;
  const reloading = (async () => {
    for (; running; await new Promise((resolve) => setTimeout(resolve, reloadEvery))) {
      await site.gateway.apply(changed(site.plan, port, ++reloads), new Map());
    }
  })();
  const failed: (Answer & { path: string })[] = [];
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < requests) {
      const path = ["/hello", "/echo/deep?x=1", "/service"][sent++ % 3]!;
      const answer = await site.ask(path, path === "/hello" ? {} : { method: "POST", body: "a body" });
      if (answer.status !== 200 || answer.broken) failed.push({ ...answer, path });
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  running = false;
  await reloading;
  expect(failed).toEqual([]);
  expect(reloads).toBeGreaterThan(10);
  expect(site.gateway.state().workers).toEqual([expect.objectContaining({ restarts: 0 })]);
});

/** The plan with a service behind a middleware; another limit and another route in each round. */
function changed(plan: GatewayPlan, port: number, round: number): GatewayPlan {
  const [route] = plan.routes;
  const rule = route!.rules[0]!;
  const at = (value: string) => [{ path: { type: "PathPrefix" as const, value }, headers: [], query: [] }];
  return {
    ...plan,
    components: plan.components.map((component) => ({
      ...component,
      limits: { ...component.limits, wall: 5000 + round },
    })),
    services: [
      {
        id: "default/backend:80",
        protocol: "http",
        source: "static",
        endpoints: [{ host: "127.0.0.1", port }],
      } as GatewayPlan["services"][number],
    ],
    routes: [
      {
        ...route!,
        rules: [
          ...route!.rules,
          {
            ...rule,
            matches: at("/service"),
            filters: [{ type: "Component", component: "default/middleware" }],
            backends: [{ weight: 1, target: { type: "Service", service: "default/backend:80" }, filters: [] }],
          },
          { ...rule, matches: at(`/round-${round}`) },
        ],
      },
    ],
  };
}
