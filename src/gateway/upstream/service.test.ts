import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { BandstandError } from "../../foundation/errors/index.ts";
import type { HttpRequest } from "../../foundation/http/index.ts";
import { BodyQueue } from "../../foundation/http/queue.ts";
import { EndpointPools } from "./pools.ts";
import { ServiceUpstream } from "./service.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

/** Answers every request with its own port; `act` may do something else. */
async function endpoint(
  act?: (socket: Socket) => void,
): Promise<{ host: string; port: number; count: number; stop(): void }> {
  const seen = { host: "127.0.0.1", port: 0, count: 0, stop: () => server.close() };
  const server = createServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", () => {
      seen.count++;
      if (act !== undefined) return act(socket);
      const body = String(seen.port);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

function upstream(endpoints: { host: string; port: number }[]): ServiceUpstream {
  const pools = new EndpointPools();
  cleanups.push(() => pools.close());
  const made = new ServiceUpstream({ id: "default/s:80", protocol: "http" }, pools);
  made.setEndpoints(endpoints);
  return made;
}

async function send(to: ServiceUpstream, fields: Partial<HttpRequest> = {}, endpointWanted?: string): Promise<string> {
  const request = {
    method: "GET",
    scheme: "http",
    authority: "a",
    target: "/",
    headers: [],
    body: undefined,
    ...fields,
  } as HttpRequest;
  try {
    return String((await to.send(request, { onAbort: () => {}, endpoint: endpointWanted })).body);
  } catch (error) {
    return (error as BandstandError).code;
  }
}

describe("the endpoints of a service", () => {
  it("take turns; a session's own comes first", async () => {
    const all = [await endpoint(), await endpoint(), await endpoint()];
    const to = upstream(all);
    for (let turn = 0; turn < 9; turn++) await send(to);
    expect(all.map(({ count }) => count)).toEqual([3, 3, 3]);
    for (let turn = 0; turn < 3; turn++)
      expect(await send(to, {}, `127.0.0.1:${all[1]?.port}`)).toBe(String(all[1]?.port));
    expect(await send(to, {}, "127.0.0.1:1")).toMatch(/^\d+$/);
  });

  it("are tried one after the other where connections fail, and those that failed are left out for a while", async () => {
    const [good, ...dead] = [await endpoint(), await endpoint(), await endpoint(), await endpoint()];
    for (const one of dead) one.stop();
    const to = upstream([...dead, good]);
    for (let turn = 0; turn < 6; turn++) expect(await send(to, { method: "POST", body: "x" })).toBe(String(good.port));
    expect(await send(upstream(dead))).toBe("backend-unreachable");
  });

  it("are tried at most three with what may be done twice, where connections break", async () => {
    const breaking = await Promise.all(Array.from({ length: 4 }, () => endpoint((socket) => socket.destroy())));
    const reached = () => breaking.reduce((sum, { count }) => sum + count, 0);
    expect(await send(upstream(breaking))).toBe("backend-reset");
    expect(reached()).toBe(3);
    const good = await endpoint();
    expect(await send(upstream([...breaking.slice(2), good]))).toBe(String(good.port));
    expect(await send(upstream(breaking), { method: "POST", body: "x" })).toBe("backend-reset");
    expect(reached()).toBe(6);
  });

  it("are not tried again with what may have been done", async () => {
    const breaking = await endpoint((socket) => socket.destroy());
    const other = await endpoint((socket) => socket.destroy());
    const reached = () => breaking.count + other.count;
    expect(await send(upstream([breaking, other]), { method: "POST", body: "x" })).toBe("backend-reset");
    expect(reached()).toBe(1);
    expect(await send(upstream([breaking, other]))).toBe("backend-reset");
    expect(reached()).toBe(3);
  });

  it("are tried again with a stream that nobody touched, and not with one that was sent", async () => {
    const [good, dead] = [await endpoint(), await endpoint()];
    dead.stop();
    const stream = (): BodyQueue => {
      const body = new BodyQueue({});
      body.push(Buffer.from("x"));
      body.end();
      return body;
    };
    expect(await send(upstream([dead, good]), { method: "PUT", body: stream() })).toBe(String(good.port));
    const breaking = await endpoint((socket) => socket.destroy());
    expect(await send(upstream([breaking]), { method: "PUT", body: stream() })).toBe("backend-reset");
    expect(breaking.count).toBe(1);
  });

  it("is tried again on a new connection where there is only one", async () => {
    let count = 0;
    const flaky = await endpoint((socket) =>
      ++count % 2 === 1 ? socket.destroy() : socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
    const to = upstream([flaky]);
    expect(await send(to)).toBe("ok");
    // Even, so the next one breaks on the connection that is idle now.
    expect(await send(to)).toBe("ok");
    expect(count).toBe(4);
    expect(await send(to, { method: "POST" })).toBe("backend-reset");
  });

  it("go and come while requests are under way", async () => {
    const [first, second] = [
      await endpoint(
        (socket) => void setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow"), 100),
      ),
      await endpoint(),
    ];
    const to = upstream([first]);
    const under = send(to);
    await new Promise((resolve) => setTimeout(resolve, 30));
    to.setEndpoints([second]);
    expect(await send(to)).toBe(String(second.port));
    expect(await under).toBe("slow");
    to.setEndpoints([]);
    expect(await send(to)).toBe("backend-unreachable");
  });

  it("end a request that its client does not take, for one more than they may have", async () => {
    const large = await endpoint((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n${"x".repeat(3_000_000)}`),
    );
    const pools = new EndpointPools();
    cleanups.push(() => pools.close());
    const to = new ServiceUpstream(
      { id: "default/s:80", protocol: "http", policy: { limits: { requests: 2 } } },
      pools,
    );
    to.setEndpoints([large]);
    const get = { method: "GET", scheme: "http" as const, authority: "a", target: "/", headers: [], body: undefined };
    const stopped: string[] = [];
    const from = (remoteAddress: string) => ({
      onAbort: () => {},
      endpoint: undefined,
      holder: { remoteAddress, stop: ({ code }: BandstandError) => void stopped.push(`${remoteAddress} ${code}`) },
    });
    await Promise.all([to.send(get, from("192.0.2.1")), to.send(get, from("192.0.2.1"))]);
    await expect(to.send(get, from("192.0.2.2"))).rejects.toThrow("all the requests");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await to.send(get, from("192.0.2.2"))).status).toBe(200);
    expect(stopped).toEqual(["192.0.2.1 client-stalled"]);
    await expect(to.send(get, from("192.0.2.2"))).rejects.toThrow("all the requests");
  });
});
