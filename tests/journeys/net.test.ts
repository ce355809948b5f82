import { existsSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildSockets, buildTalk3 } from "../guests/sockets/build.ts";
import { Workspace, type Running } from "./workspace.ts";

const hasSix = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === "::1"));
const why = !existsSync("/usr/include/wasm32-wasi/stdlib.h")
  ? " (skipped: wasi-libc is missing; as root: npm run setup)"
  : hasSix
    ? ""
    : " (skipped: this machine has no ::1)";
const workspace = new Workspace();
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));
afterAll(() => workspace[Symbol.asyncDispose]());

/** The port that a guest says it listens at. */
async function portOf(running: Running): Promise<number> {
  const deadline = Date.now() + 120_000;
  while (!running.out.includes("\n") && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  const port = /^listening (\d+)$/m.exec(running.out)?.[1];
  if (port === undefined) throw new Error(`it does not listen: ${running.out}${running.err}`);
  return Number(port);
}

describe.skipIf(why !== "")(`a command on the network${why}`, () => {
  const run = (net: string, ...args: string[]) =>
    workspace.run("run", ...(net === "" ? [] : ["--net", net]), "net.wasm", ...args);
  const start = (net: string, ...args: string[]) => workspace.start("run", "--net", net, "net.wasm", ...args);

  beforeAll(async () => {
    for (const name of ["net", "states"]) workspace.write(`${name}.wasm`, await buildSockets(name));
  });

  test.each(["127.0.0.1", "::1"])("serves and connects by TCP at %s", async (address) => {
    const server = start(address, "tcp-server", address, "0", "2");
    const port = String(await portOf(server));
    for (const net of ["localhost", address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`]) {
      const { code, out } = await run(net, "tcp-client", address, port, "hello over there");
      expect({ net, code, out }).toEqual({ net, code: 0, out: "hello over there\nclosed\n" });
    }
    expect(await server.ended).toMatchObject({ code: 0, err: "" });
  });

  test.each(["127.0.0.1", "::1"])("serves and sends by UDP at %s", async (address) => {
    const server = start(address, "udp-server", address, "0", "1");
    const port = String(await portOf(server));
    // Who may only go out needs no grant for the port that it sends from.
    const { code, out } = await run("localhost", "udp-client", address, port, "a datagram");
    expect({ code, out }).toEqual({ code: 0, out: "a datagram\nfrom there\n" });
    expect(await server.ended).toMatchObject({ code: 0, err: "" });
  });

  test("is told by every call what WASI says for the state of its socket", async () => {
    const { code, out, err } = await workspace.run("run", "--net", "127.0.0.1,::1,0.0.0.0,::", "states.wasm");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    await expect(out).toMatchFileSnapshot("golden/sockets.txt");
  });

  test("of WASI 0.3 talks to itself by streams, futures and datagrams", async () => {
    workspace.write("talk3.wasm", await buildTalk3());
    const granted = await workspace.run("run", "--net", "localhost", "talk3.wasm");
    expect(granted).toEqual({ code: 0, out: "", err: "" });
    expect(await workspace.run("run", "--net", "127.0.0.1:1", "talk3.wasm")).toMatchObject({ code: 134 });
  });

  test.each([
    ["", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["", "tcp-server 0.0.0.0 0 1", "bind: access-denied"],
    ["", "udp-server 127.0.0.1 0 1", "bind: access-denied"],
    ["", "udp-server 0.0.0.0 0 1", "bind: access-denied"],
    ["", "udp-client 127.0.0.1 9 x", "bind: access-denied"],
    ["", "lookup localhost", "resolve: access-denied"],
    ["https://127.0.0.1:9", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["10.0.0.1", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["127.0.0.1:8", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["*", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["0.0.0.0/0", "tcp-client 127.0.0.1 9 x", "connect: access-denied"],
    ["0.0.0.0/0", "tcp-client 169.254.169.254 80 x", "connect: access-denied"],
    ["*", "udp-client 127.0.0.1 9 x", "stream: access-denied"],
    ["*", "tcp-server 127.0.0.1 0 1", "bind: access-denied"],
    ["127.0.0.0/8", "tcp-server 127.0.0.1 0 1", "bind: access-denied"],
    ["*", "tcp-server 0.0.0.0 0 1", "listen: access-denied"],
    ["127.0.0.1", "tcp-server 0.0.0.0 0 1", "listen: access-denied"],
    ["127.0.0.1:8080", "tcp-server 127.0.0.1 0 1", "bind: access-denied"],
    ["*", "udp-server 127.0.0.1 0 1", "bind: access-denied"],
    ["127.0.0.1:9", "tcp-client 127.0.0.1 9 x", "connect: connection-refused"],
    ["127.0.0.0/8", "tcp-client 127.0.0.1 9 x", "connect: connection-refused"],
    ["localhost", "udp-client 127.0.0.1 9 x", "receive: connection-refused"],
    ["localhost", "lookup localhost", "127.0.0.1"],
    ["*", "lookup localhost", "resolve: access-denied"],
    ["*", "lookup ::1", "0:0:0:0:0:0:0:1"],
    ["*", "lookup 127.1", "127.0.0.1"],
    ["*", "lookup a/b", "resolve: invalid-argument"],
    ["a.invalid", "lookup b.invalid", "resolve: access-denied"],
    ["*.invalid", "lookup b.invalid", "resolve: name-unresolvable"],
    ["10.0.0.0/8", "lookup b.invalid", "resolve: access-denied"],
  ])("with --net %j: %s: %s", async (net, call, said) => {
    const { out } = await run(net, ...call.split(" "));
    expect(out.split("\n")[0]).toBe(said);
  });

  test("waits where the other side reads slowly, and all that it wrote arrives after its end", async () => {
    let size = 0;
    const ended = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      socket.on("data", (piece) => {
        size += piece.length;
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
      socket.on("end", () => (socket.end(), ended.resolve()));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { out } = await run("127.0.0.1", "tcp-flood", "127.0.0.1", String(port), "20000000");
    await ended.promise;
    expect({ out, size }).toEqual({ out: "waited yes\n", size: 20_000_000 });
  });

  test("that is ended leaves nothing open", async () => {
    const grants = ["--net", "127.0.0.1", "--wall", "2s"];
    const server = workspace.start("run", ...grants, "net.wasm", "tcp-server", "127.0.0.1", "0", "9");
    const port = await portOf(server);
    const closed = new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.on("close", resolve).resume().write("held");
    });
    expect(await server.ended).toMatchObject({ code: 124 });
    await closed;
  });
});
