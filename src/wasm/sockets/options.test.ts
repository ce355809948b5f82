import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Family } from "./endpoint.ts";
import { Network } from "./network.ts";
import { descriptorOf, hasSystemOptions, systemOption } from "./system.ts";
import { TcpSocket } from "./tcp.ts";

const network = new Network(["127.0.0.1", "::1"], () => {});
afterAll(() => network.close());

const families: [Family, string][] = [
  ["ipv4", "127.0.0.1"],
  ["ipv6", "::1"],
];

/** A socket that listens, and one that is connected to it, with what it accepts; `prepare` sets options of both before. */
async function pair(family: Family, address: string, prepare: (socket: TcpSocket) => void) {
  const [server, client] = [new TcpSocket(network, family), new TcpSocket(network, family)];
  prepare(server);
  prepare(client);
  server.bind({ family, address, port: 0, scope: 0 });
  const listener = server.listen();
  const came = new Promise<void>((resolve) => (listener.onConnection = resolve));
  await new Promise<void>((resolve) => client.connect(server.local, resolve));
  client.finishConnect();
  await came;
  return { server, client, accepted: listener.accept()! };
}

describe.skipIf(!hasSystemOptions())("options that Node has no functions for", () => {
  it.each(families)("are set on connections of %s, whichever side makes them, and told as they are", async (...at) => {
    const sockets = await pair(...at, ({ options }) => {
      expect(options.hopLimit).toBe(64);
      options.setHopLimit(42);
      options.setBuffer("receive", 0x8000n);
      options.setBuffer("send", 2n ** 40n);
      expect([options.hopLimit, options.buffer("receive")]).toEqual([42, 0x8000n]);
    });
    for (const { options, family } of Object.values(sockets)) {
      expect([options.hopLimit, options.buffer("receive")]).toEqual([42, 0x8000n]);
      // More than the system gives is what the system gives.
      expect(options.buffer("send")).toBeLessThan(2n ** 30n);
      expect(systemOption(options.descriptor()!, family, "hop-limit")).toBe(42);
    }
    const { client } = sockets;
    client.configure((options) => options.setHopLimit(7));
    expect(systemOption(descriptorOf(client.connection.socket)!, client.family, "hop-limit")).toBe(7);
    // One that is closed is no other one that has got its number since.
    client.connection.socket.destroy();
    expect(client.options.descriptor()).toBeUndefined();
  });
});

describe("where they cannot be set", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => undefined as never);
  });
  afterEach(() => void vi.restoreAllMocks());

  it("no other hop limit is taken, and buffers have the size that the system gives them", async () => {
    const { TcpOptions } = await import("./options.ts");
    const options = new TcpOptions("ipv4");
    const sizes = [options.buffer("receive"), options.buffer("send")];
    expect(sizes[0]).toBeGreaterThan(0n);
    options.setBuffer("receive", 1n);
    options.setBuffer("send", 0x100_000n);
    expect([options.buffer("receive"), options.buffer("send")]).toEqual(sizes);
    expect(() => options.setBuffer("send", 0n)).toThrow("invalid-argument");
    options.setHopLimit(options.hopLimit);
    expect(() => options.setHopLimit(options.hopLimit + 1)).toThrow("not-supported");
    expect(() => options.setHopLimit(0)).toThrow("invalid-argument");
  });
});
