import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, Server, type AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { loggerTo } from "../../foundation/log/index.ts";
import { freePort } from "../../foundation/network/testing/free-port.ts";
import type { GatewayPlan, ListenerPlan } from "../../model/plan/index.ts";
import { createGateway, type Gateway } from "../index.ts";
import { holdPort } from "./held-port.ts";
import { Ports } from "./ports.ts";
import { planOf } from "./testing/plans.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const none = new Map<string, Uint8Array>();

/** Listens as any other program does; answers what came of it. */
async function take(port: number): Promise<string> {
  const server = createServer().listen({ port, host: "127.0.0.1", exclusive: true });
  cleanups.push(() => server.close());
  return once(server, "listening").then(
    () => "taken",
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

async function takeUdp(port: number): Promise<string> {
  const socket = createSocket("udp4");
  cleanups.push(() => socket.close());
  socket.bind({ port, address: "127.0.0.1", exclusive: true });
  return once(socket, "listening").then(
    () => "taken",
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

/** Another program that is as fast as can be: it has each port that this process stops listening on, so many times. */
function greedy(times: number): { taken: Promise<string>[] } {
  const taken: Promise<string>[] = [];
  const close = Server.prototype.close;
  vi.spyOn(Server.prototype, "close").mockImplementation(function (this: Server, ...rest) {
    const port = this.listening ? (this.address() as AddressInfo).port : 0;
    const closing = close.apply(this, rest);
    if (port !== 0 && taken.length < times) taken.push(take(port));
    return closing;
  });
  return { taken };
}

function gatewayWith(options: { sharesPorts?: boolean } = {}): Gateway {
  const logger = loggerTo(() => {});
  const gateway = createGateway({ preparedFolder: "/nonexistent", logger, workers: 2, ...options });
  cleanups.push(() => gateway.close());
  return gateway;
}

function withProtocol(plan: GatewayPlan, protocol: ListenerPlan["protocol"]): GatewayPlan {
  return { ...plan, listeners: plan.listeners.map((listener) => ({ ...listener, protocol })) };
}

it("a port that is held is nobody else's, and one that is released is free", async () => {
  const held = await holdPort("127.0.0.1", "tcp", true);
  expect(await take(held.port)).toBe("EADDRINUSE");
  const beside = createServer().listen({ port: held.port, host: "127.0.0.1", reusePort: true });
  await once(beside, "listening");
  await new Promise((resolve) => beside.close(resolve));
  await held.release();
  await held.release();
  expect(await take(held.port)).toBe("taken");
});

it("nor is one of UDP", async () => {
  const held = await holdPort("127.0.0.1", "udp", true);
  expect(await takeUdp(held.port)).toBe("EADDRINUSE");
  const beside = createSocket({ type: "udp4", reusePort: true }).bind(held.port, "127.0.0.1");
  await once(beside, "listening");
  beside.close();
  await held.release();
  await held.release();
  expect(await takeUdp(held.port)).toBe("taken");
});

it("who comes to a port that is only held is not left waiting", async () => {
  const held = await holdPort("127.0.0.1", "tcp", true);
  cleanups.push(() => held.release());
  const socket = connect(held.port, "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});

it("many gateways that start at once each have their own port, whoever else takes ports", async () => {
  const { taken } = greedy(100);
  const gateways = Array.from({ length: 4 }, () => gatewayWith());
  await Promise.all(gateways.map((gateway) => gateway.apply(planOf([], {}, [0, 0]), none)));
  const ports = gateways.flatMap((gateway) => gateway.state().listeners.map(({ port }) => port));
  expect(new Set(ports).size).toBe(8);
  // Only who held them let go of them, when the threads had them.
  expect(await Promise.all(taken)).toEqual(ports.map(() => "EADDRINUSE"));
});

it("where a port cannot be held until it is opened, another is picked for one that was lost", async () => {
  const { taken } = greedy(3);
  const gateway = gatewayWith({ sharesPorts: false });
  await gateway.apply(planOf([]), none);
  expect(await Promise.all(taken)).toEqual(["taken", "taken", "taken"]);
  expect(await take(gateway.state().listeners[0]!.port)).toBe("EADDRINUSE");
});

it("but not for ever", async () => {
  greedy(100);
  const gateway = gatewayWith({ sharesPorts: false });
  await expect(gateway.apply(planOf([]), none)).rejects.toMatchObject({ code: "port-in-use" });
});

it.each(["HTTP", "UDP"] as const)(
  "of processes that open a port in the same moment one has it, and no other: %s",
  async (protocol) => {
    const rivals = Array.from({ length: 2 }, () =>
      fork(new URL("testing/rival-process.ts", import.meta.url), { execArgv: [] }),
    );
    cleanups.push(() => rivals.map((rival) => rival.kill()));
    for (let round = 0; round < 3; round++) {
      const port = await freePort();
      const heard = rivals.map((rival) => once(rival, "message") as Promise<[string]>);
      for (const rival of rivals) rival.send({ port, protocol });
      const came = (await Promise.all(heard)).map(([text]) => text);
      expect(came.toSorted()).toEqual(["port-in-use", "serves"]);
    }
  },
);

it("two listeners of UDP have ports of their own, the same over reloads", async () => {
  const gateway = gatewayWith();
  const plan = withProtocol(planOf([], {}, [0, 0]), "UDP");
  await gateway.apply(plan, none);
  const ports = gateway.state().listeners.map(({ port }) => port);
  expect(new Set(ports).size).toBe(2);
  await gateway.apply(plan, none);
  expect(gateway.state().listeners.map(({ port }) => port)).toEqual(ports);
  for (const port of ports) expect(await takeUdp(port)).toBe("EADDRINUSE");
});

it("nothing is held where a plan comes to nothing", async () => {
  const used = createServer().listen(0, "127.0.0.1");
  await once(used, "listening");
  cleanups.push(() => used.close());
  const closed = vi.spyOn(Server.prototype, "close");
  const opened = vi.spyOn(Server.prototype, "listen");
  const ports = new Ports(true);
  const plan = planOf([], {}, [0, (used.address() as AddressInfo).port]);
  await expect(ports.resolve(plan)).rejects.toMatchObject({ code: "port-in-use" });
  expect([opened.mock.calls.length, closed.mock.calls.length]).toEqual([1, 1]);
  const { listeners } = await ports.resolve(planOf([]));
  expect(await ports.release()).toBe(true);
  expect(await take(listeners[0]!.port)).toBe("taken");
  expect(await ports.release()).toBe(false);
});

it("a listener that went and comes back may have another port, since its own may be another's by now", async () => {
  const gateway = gatewayWith();
  await gateway.apply(planOf([], {}, [0, 0]), none);
  const [first, second] = gateway.state().listeners.map(({ port }) => port);
  await gateway.apply(planOf([]), none);
  await expect.poll(() => take(second!)).toBe("taken");
  await gateway.apply(planOf([], {}, [0, 0]), none);
  const again = gateway.state().listeners.map(({ port }) => port);
  expect(again[0]).toBe(first);
  expect(again[1]).not.toBe(second);
});
