import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildService } from "../guests/wasi3/build.ts";
import { startGuests, type GuestSite } from "./harness.ts";

let site: GuestSite;
// Announces more than it sends, then goes: with a head, or with nothing else.
const backend = createServer((incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(200, { "content-length": 1000 });
  outgoing.write("a part", () => outgoing.destroy());
});

beforeAll(async () => {
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  const { port } = backend.address() as AddressInfo;
  site = await startGuests({
    asks: { folder: "guests/outbound", http: [`http://127.0.0.1:${port}`] },
    asks3: { component: await buildService("outbound"), http: [`http://127.0.0.1:${port}`] },
    echo: { folder: "guests/echo" },
    echo3: { component: await buildService("echo") },
    passes: { folder: "guests/middleware-assemblyscript" },
  });
  const { plan } = site;
  const service = { id: "default/broken:80", protocol: "http", source: "static" } as const;
  await site.gateway.apply(
    {
      ...plan,
      services: [{ ...service, endpoints: [{ host: "127.0.0.1", port }] }],
      routes: plan.routes.map((each) => ({
        ...each,
        rules: [
          ...each.rules,
          {
            matches: [{ path: { type: "PathPrefix", value: "/behind" }, headers: [], query: [] }],
            filters: [{ type: "Component", component: "default/passes" }],
            backends: [{ weight: 1, target: { type: "Service", service: service.id }, filters: [] }],
            timeouts: {},
          },
        ],
      })),
    },
    new Map(),
  );
});
afterAll(async () => {
  backend.closeAllConnections();
  backend.close();
  await site?.close();
});

async function counted(pattern: RegExp): Promise<number> {
  const lines = (await site.gateway.metrics()).split("\n").filter((line) => pattern.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Lines of the log that warn, with their codes. */
function warned(): string[] {
  const lines = site.lines.filter(({ level }) => level === "warn");
  return lines.map(({ message, fields }) => `${String(fields?.["code"])}: ${message}`);
}

function broken(how: "half-close" | "reset", path = "/echo"): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: site.port });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\na part`);
    setTimeout(() => (how === "reset" ? socket.resetAndDestroy() : socket.end()), 100);
  });
}

it("a guest whose request is cut off is not to blame", async () => {
  const answer = await broken("half-close");
  // What it echoes may be on its way already: then the answer breaks.
  expect(answer).toMatch(/^$|^HTTP\/1\.1 (?:400 |200 [^]*a part)/);
  const gone = await counted(/^bandstand_(?:requests_total.*"499"|responses_broken_total.*client-gone)/);
  expect(await broken("reset")).not.toMatch(/ 500 /);
  const now = () => counted(/^bandstand_(?:requests_total.*"499"|responses_broken_total.*client-gone)/);
  await expect.poll(() => now(), { timeout: 20_000 }).not.toBe(gone);
  expect(await now()).toBe(gone + 1);
  expect(await counted(/^bandstand_requests_total.*"500"/)).toBe(0);
});

it("nor is it in the log, where it answers that it could not", async () => {
  for (const path of ["/echo", "/echo3"]) await broken("half-close", path);
  // Its guest has its say a moment later.
  await sleep(300);
  expect(site.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

it("a guest behind which a backend breaks is not to blame", async () => {
  const { status, broken: cut } = await site.ask("/behind");
  expect([200, 502]).toContain(status);
  expect(cut).toBe(status === 200);
  await expect.poll(warned).toEqual([expect.stringContaining("backend-broken: ")]);
  expect(await counted(/^bandstand_(?:backend_errors|component_errors|responses_broken)_total.*component-/)).toBe(0);
  expect(await counted(/^bandstand_(?:backend_errors|responses_broken)_total.*backend-broken/)).toBe(1);
});

it.each(["asks", "asks3"])("nor is %s, which passes on what a server answers that it asked itself", async (name) => {
  const { port } = backend.address() as AddressInfo;
  site.lines.length = 0;
  const { status, broken: cut } = await site.ask(`/${name}`, { headers: { "x-fetch": `http://127.0.0.1:${port}/` } });
  expect([status, cut]).toEqual([200, true]);
  expect(await counted(/^bandstand_(?:backend_errors|component_errors|responses_broken)_total.*component-/)).toBe(0);
  // What a component of WASI 0.3 only passes on is not its own any more.
  if (name === "asks3") return expect(warned()).toEqual([]);
  await expect
    .poll(warned)
    .toEqual([
      `backend-broken: a request failed: 127.0.0.1:${port} closed the connection before its response was complete`,
    ]);
});
