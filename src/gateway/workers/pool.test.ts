import { Agent, createServer, request, type RequestListener } from "node:http";
import { createServer as createTcp, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BandstandError } from "../../foundation/errors/index.ts";
import { loggerTo, type LogLine } from "../../foundation/log/index.ts";
import { createGateway, type CreateGatewayOptions, type Gateway } from "../index.ts";
import { component, planOf, rule, service, toComponent, toService } from "./testing/plans.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

function gatewayWith(options: Partial<CreateGatewayOptions> = {}): { gateway: Gateway; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const gateway = createGateway({
    preparedFolder: "/nonexistent",
    logger: loggerTo((line) => lines.push(line)),
    workers: 2,
    componentModule: new URL("testing/components.ts", import.meta.url).href,
    ...options,
  });
  cleanups.push(() => gateway.close());
  return { gateway, lines };
}

async function backend(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => (server.close(), server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

const portOf = (gateway: Gateway): number => gateway.state().listeners[0]?.port ?? 0;
const none = new Map<string, Uint8Array>();

function get(port: number, path = "/", agent: Agent | false = false): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}

const failure = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "none",
    (error: unknown) => (error as BandstandError).code,
  );

describe("applying plans", () => {
  it("keeps the old one where the new one cannot be built or bound", async () => {
    const { gateway } = gatewayWith();
    const good = planOf([rule("/", toComponent("good"))], { components: [component("good")] });
    await gateway.apply(good, none);
    const port = portOf(gateway);
    const broken = planOf([rule("/", toComponent("broken"))], { components: [component("broken")] });
    expect(await failure(gateway.apply(broken, none))).toBe("component-malformed");
    const taken = createTcp();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => taken.close());
    const occupied = planOf([rule("/", toComponent("other"))], { components: [component("other")] }, [
      0,
      (taken.address() as AddressInfo).port,
    ]);
    expect(await failure(gateway.apply(occupied, none))).toBe("port-in-use");
    expect((await get(port)).body).toMatch(/^good 1/);
  });

  it("starts its threads before there is a plan where that is asked for, and gives them up without one", async () => {
    const { gateway } = gatewayWith({ early: true });
    expect(gateway.state().workers).toHaveLength(2);
    await gateway.apply(planOf([rule("/", toComponent("good"))], { components: [component("good")] }), none);
    expect((await get(portOf(gateway))).body).toMatch(/^good 1/);
    expect(gateway.state().workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
    const { gateway: unused, lines } = gatewayWith({ early: true });
    await unused.close();
    expect(lines).toEqual([]);
    expect(gatewayWith().gateway.state().workers).toEqual([]);
  });

  it("finds a port that another gateway has, although the kernel would share it", async () => {
    const first = gatewayWith().gateway;
    await first.apply(planOf([]), none);
    const second = gatewayWith().gateway;
    expect(await failure(second.apply(planOf([], {}, [portOf(first)]), none))).toBe("port-in-use");
  });

  it("keeps components whose plan did not change, and loads the others anew", async () => {
    const { gateway } = gatewayWith({ workers: 1 });
    const plan = (value: string) =>
      planOf([rule("/same", toComponent("same")), rule("/other", toComponent("other"))], {
        components: [component("same"), component("other", { A: { value } })],
      });
    await gateway.apply(plan("1"), none);
    const port = portOf(gateway);
    const before = [(await get(port, "/same")).body, (await get(port, "/other")).body];
    await gateway.apply(plan("2"), none);
    expect((await get(port, "/same")).body).toBe(before[0]);
    expect((await get(port, "/other")).body).toBe("other 3 A=2");
  });

  it("gives components their secrets and logs without them", async () => {
    const { gateway, lines } = gatewayWith();
    const secret = { namespace: "default", name: "keys", key: "a", hash: "00" };
    await gateway.apply(
      planOf([rule("/", toComponent("c"))], { components: [component("c", { KEY: { secret } })] }),
      new Map([["default/keys/a", Buffer.from("s3cret")]]),
    );
    expect((await get(portOf(gateway))).body).toMatch(/KEY=s3cret$/);
    await expect
      .poll(() => lines.find(({ message }) => message === "a guest's line")?.fields)
      .toEqual({ component: "default/c" });
    expect(JSON.stringify(lines)).not.toContain("s3cret");
  });

  it("opens and closes listeners", async () => {
    const { gateway } = gatewayWith();
    const parts = { components: [component("c")] };
    await gateway.apply(planOf([rule("/", toComponent("c"))], parts, [0, 0]), none);
    const [first, second] = gateway.state().listeners.map(({ port }) => port);
    expect((await get(second ?? 0)).status).toBe(200);
    await gateway.apply(planOf([rule("/", toComponent("c"))], parts, [0]), none);
    expect((await get(first ?? 0)).status).toBe(200);
    await expect(get(second ?? 0)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("follows the endpoints that an engine reports", async () => {
    const port = await backend((_incoming, outgoing) => outgoing.end("up"));
    const { gateway } = gatewayWith();
    const engine = { ...service(0), source: "engine" as const, endpoints: [] };
    await gateway.apply(planOf([rule("/", toService())], { services: [engine] }), none);
    expect((await get(portOf(gateway))).status).toBe(503);
    gateway.updateEndpoints({ [engine.id]: [{ host: "127.0.0.1", port }] });
    await expect.poll(async () => (await get(portOf(gateway))).body).toBe("up");
    gateway.updateEndpoints({});
    await expect.poll(async () => (await get(portOf(gateway))).status).toBe(503);
  });
});

describe("under load", () => {
  it("reloads without one failed request, old requests end on the old plan", async () => {
    const arrived = Promise.withResolvers<void>();
    const answer =
      (text: string): RequestListener =>
      (incoming, outgoing) => {
        const slow = incoming.url === "/slow";
        if (slow) arrived.resolve();
        setTimeout(() => outgoing.end(text), slow ? 400 : 0);
      };
    const ports = [await backend(answer("a")), await backend(answer("b"))] as const;
    const { gateway } = gatewayWith();
    const plan = (index: 0 | 1) =>
      planOf([rule("/", toService(`s${index}`)), rule("/c", toComponent(`c${index}`))], {
        services: [service(ports[index], `s${index}`)],
        components: [component(`c${index}`)],
      });
    await gateway.apply(plan(0), none);
    const port = portOf(gateway);
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    let running = true;
    const seen: Record<string, number> = {};
    const client = async (number: number): Promise<void> => {
      while (running) {
        const { status, body } = await get(port, number % 2 === 0 ? "/" : "/c", agent).catch((error: Error) => ({
          status: 0,
          body: error.message,
        }));
        const key = status === 200 ? "ok" : `${status} ${body}`;
        seen[key] = (seen[key] ?? 0) + 1;
      }
    };
    const clients = Promise.all(Array.from({ length: 16 }, (_, number) => client(number)));
    const slow = get(port, "/slow");
    await arrived.promise;
    for (let turn = 1; turn <= 30; turn++) await gateway.apply(plan((turn % 2) as 0 | 1), none);
    expect((await slow).body).toBe("a");
    running = false;
    await clients;
    expect(Object.keys(seen)).toEqual(["ok"]);
    expect(seen["ok"]).toBeGreaterThan(500);
  });

  it("streams much more than its memory both ways", async () => {
    const port = await backend((incoming, outgoing) => void incoming.pipe(outgoing));
    const { gateway } = gatewayWith({ workers: 1 });
    await gateway.apply(planOf([rule("/", toService())], { services: [service(port)] }), none);
    const piece = Buffer.alloc(64 * 1024, "x");
    const megabytes = 400;
    let received = 0;
    let peak = 0;
    const before = process.memoryUsage.rss();
    await new Promise<void>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: portOf(gateway), method: "POST", agent: false }, (response) => {
        response.on("data", (chunk: Buffer) => {
          received += chunk.length;
          peak = Math.max(peak, process.memoryUsage.rss() - before);
        });
        response.on("end", resolve).on("error", reject);
      });
      sent.on("error", reject);
      let left = megabytes * 16;
      const push = (): void => {
        while (left > 0) {
          left--;
          if (!sent.write(piece)) return void sent.once("drain", push);
        }
        sent.end();
      };
      push();
    });
    expect(received).toBe(megabytes * 1024 * 1024);
    expect(peak).toBeLessThan(200 * 1024 * 1024);
  });
});

describe("workers that fail", () => {
  it("are replaced when they end, and the rest of the site goes on", async () => {
    const { gateway, lines } = gatewayWith();
    const parts = { components: [component("good"), component("exit")] };
    await gateway.apply(planOf([rule("/", toComponent("good")), rule("/exit", toComponent("exit"))], parts), none);
    const port = portOf(gateway);
    await expect(get(port, "/exit")).rejects.toThrow();
    await expect
      .poll(() => gateway.state().workers.map(({ ready, restarts }) => [ready, restarts]))
      .toContainEqual([true, 1]);
    expect((await get(port)).status).toBe(200);
    expect(lines.map(({ message }) => message)).toContain("a gateway worker ended and is replaced");
    expect(await gateway.metrics()).toContain("bandstand_worker_restarts_total 1");
  });

  it("are replaced when they do not turn", async () => {
    const { gateway } = gatewayWith({ heartbeat: 50, workers: 1 });
    const parts = { components: [component("good"), component("stuck")] };
    await gateway.apply(planOf([rule("/", toComponent("good")), rule("/stuck", toComponent("stuck"))], parts), none);
    const port = portOf(gateway);
    await expect(get(port, "/stuck")).rejects.toThrow();
    await expect
      .poll(() =>
        get(port).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    expect(gateway.state().workers).toEqual([{ id: 0, ready: true, restarts: 1 }]);
  });
});

describe("stopping", () => {
  it("lets requests end, closes idle connections, takes no new ones", async () => {
    const arrived: (() => void)[] = [];
    const port = await backend((_incoming, outgoing) => {
      arrived.shift()?.();
      setTimeout(() => outgoing.end("done"), 300);
    });
    const { gateway } = gatewayWith();
    await gateway.apply(planOf([rule("/", toService())], { services: [service(port)] }), none);
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    await get(portOf(gateway), "/", agent);
    const there = new Promise<void>((resolve) => arrived.push(resolve));
    const under = get(portOf(gateway));
    await there;
    let over = false;
    // Much longer than a request takes: the end of the last one ends it.
    const drained = gateway.drain(3_600_000).then(() => (over = true));
    await expect.poll(() => failure(get(portOf(gateway)))).toBe("ECONNREFUSED");
    expect((await under).body).toBe("done");
    await drained;
    expect(over).toBe(true);
  });
});

describe("records", () => {
  it("count by route, backend and code, and write access lines", async () => {
    let access = "";
    const { gateway } = gatewayWith({
      accessLog: "all",
      writeAccess: (lines, done) => {
        access += Buffer.from(lines).toString();
        done();
      },
    });
    await gateway.apply(planOf([rule("/a", toComponent("c"))], { components: [component("c")] }), none);
    await Promise.all(Array.from({ length: 10 }, () => get(portOf(gateway), '/a?"x"')));
    await get(portOf(gateway), "/other");
    const text = await gateway.metrics();
    expect(text).toContain(
      'bandstand_requests_total{route="default/r",backend="WasmComponent/default/c",code="200"} 10',
    );
    expect(text).toContain('bandstand_requests_total{route="",backend="",code="404"} 1');
    expect(text).toContain(
      'bandstand_request_duration_seconds_count{route="default/r",backend="WasmComponent/default/c"} 10',
    );
    expect(text).toContain("bandstand_requests_in_flight 0");
    await expect.poll(() => access.split("\n").length).toBe(12);
    const entries = access
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.find(({ status }) => status === 200)).toMatchObject({
      method: "GET",
      target: '/a?"x"',
      route: "default/r",
      remote: "127.0.0.1",
    });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(11);
  });
});
