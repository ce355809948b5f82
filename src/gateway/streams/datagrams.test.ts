import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { DatagramServer } from "./datagrams.ts";
import type { StreamTarget } from "./targets.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

async function socket(port = 0): Promise<Socket & { port: number }> {
  const made = createSocket("udp4");
  cleanups.push(() => made.close());
  made.bind(port, "127.0.0.1");
  await once(made, "listening");
  return Object.assign(made, { port: (made.address() as AddressInfo).port });
}

/** To a backend on this machine that is found by a name, which takes a moment. */
async function serving(backend: number): Promise<number> {
  const free = await socket();
  const { port } = free;
  cleanups.pop();
  free.close();
  const place = () => ({ endpoint: { host: "localhost", port: backend }, failed() {} });
  const target = { route: "r", backend: "b", upstream: { place }, tls: undefined } as unknown as StreamTarget;
  const server = new DatagramServer({
    address: "127.0.0.1",
    port,
    reusePort: false,
    destination: () => target,
    ended() {},
  });
  cleanups.push(() => server.close());
  await server.open();
  return port;
}

it("keeps the first datagrams until the backend's name is known, and no more of a flood", async () => {
  const warnings: string[] = [];
  const warn = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", warn);
  cleanups.push(() => process.off("warning", warn));
  const backend = await socket();
  const got: string[] = [];
  backend.on("message", (datagram) => got.push(datagram.toString()));
  const port = await serving(backend.port);
  const client = await socket();
  for (let count = 0; count < 200; count++) client.send(String(count), port, "127.0.0.1");
  await expect.poll(() => got.length).toBeGreaterThan(15);
  expect(got.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, count) => String(count)));
  client.send("later", port, "127.0.0.1");
  await expect.poll(() => got.at(-1)).toBe("later");
  expect(warnings).toEqual([]);
});
