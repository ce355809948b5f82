import { spawn } from "node:child_process";
import { once } from "node:events";
import { createSocket } from "node:dgram";
import { connect, createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { failureToBind, isSharedWithOthers } from "./bindable.ts";

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

async function listenAt(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

it.each([
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1", "0.0.0.0"],
  ["0.0.0.0", "127.0.0.1"],
  ["127.0.0.2", "0.0.0.0"],
  ["::1", "::1"],
  ["::1", "0:0:0:0:0:0:0:1"],
  ["::", "127.0.0.1"],
  ["::", "::1"],
])("what listens on %s is in the way of %s", async (there, here) => {
  const port = await listenAt(there);
  expect(await failureToBind(here, port)).toMatchObject({ code: "EADDRINUSE" });
});

it("what listens on another address is not in the way", async () => {
  const port = await listenAt("127.0.0.2");
  expect(await failureToBind("127.0.0.1", port)).toBeUndefined();
});

it("a server of UDP is not in the way", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  ends.push(() => socket.close());
  expect(await failureToBind("127.0.0.1", socket.address().port)).toBeUndefined();
});

it("but in the way of another one", async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  ends.push(() => socket.close());
  const { port } = socket.address();
  expect(await failureToBind("127.0.0.1", port, "udp")).toMatchObject({ code: "EADDRINUSE" });
});

it("an address of another machine cannot be bound", async () => {
  expect(await failureToBind("192.0.2.1", 20_000)).toMatchObject({ code: "EADDRNOTAVAIL" });
});

it("opens nothing: a client that waits for the port is never let in", async () => {
  const port = await listenAt("127.0.0.1");
  ends.splice(0).forEach((end) => end());
  let waiting = true;
  let taken = 0;
  const client = (async () => {
    while (waiting) {
      const socket = connect(port, "127.0.0.1");
      await new Promise<void>((resolve) => {
        socket.once("connect", () => (taken++, socket.destroy(), resolve()));
        socket.once("error", () => resolve());
      });
    }
  })();
  for (let time = 0; time < 20; time++) expect(await failureToBind("127.0.0.1", port)).toBeUndefined();
  waiting = false;
  await client;
  expect(taken).toBe(0);
});

describe("a port that several sockets share", () => {
  const transports = ["tcp", "udp"] as const;

  /** Listens on a port that may be shared; 0: any. */
  async function own(transport: "tcp" | "udp", port = 0): Promise<number> {
    if (transport === "tcp") {
      const server = createServer().listen({ host: "127.0.0.1", port, reusePort: true });
      await once(server, "listening");
      ends.push(() => server.close());
      return (server.address() as AddressInfo).port;
    }
    const socket = createSocket({ type: "udp4", reusePort: true }).bind(port, "127.0.0.1");
    await once(socket, "listening");
    ends.push(() => socket.close());
    return socket.address().port;
  }

  /** Another process that listens there too. */
  async function other(transport: "tcp" | "udp", port: number): Promise<void> {
    const listen =
      transport === "tcp"
        ? `require("net").createServer().listen({ host: "127.0.0.1", port: ${port}, reusePort: true }, told)`
        : `require("dgram").createSocket({ type: "udp4", reusePort: true }).bind(${port}, "127.0.0.1", told)`;
    const child = spawn(process.execPath, ["-e", `const told = () => console.log("there"); ${listen}`]);
    ends.push(() => child.kill());
    await once(child.stdout, "data");
  }

  it.each(transports)("is no other's where all of them are this process's: %s", async (transport) => {
    const port = await own(transport);
    expect(await isSharedWithOthers("127.0.0.1", port, transport)).toBe(false);
    await own(transport, port);
    expect(await isSharedWithOthers("127.0.0.1", port, transport)).toBe(false);
  });

  it.each(transports)("is shared where one is another process's: %s", async (transport) => {
    const port = await own(transport);
    await other(transport, port);
    expect(await isSharedWithOthers("127.0.0.1", port, transport)).toBe(true);
    expect(await isSharedWithOthers("0.0.0.0", port, transport)).toBe(true);
    expect(await isSharedWithOthers("127.0.0.2", port, transport)).toBe(false);
  });
});
