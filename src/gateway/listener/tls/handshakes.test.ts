import { once } from "node:events";
import { connect as connectTcp, createServer as createTcp, type AddressInfo } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../../foundation/certificates/index.ts";
import { Http1Server } from "../http1/server.ts";
import { ServerNames } from "./server-names.ts";

let server: Http1Server;
let port = 0;

beforeAll(async () => {
  const listeners = ["a.example", "*.shop.example"].map((hostname) => {
    const { certificate, key } = selfSigned([hostname]);
    return { hostname, pairs: [{ certificate: Buffer.from(certificate), key: Buffer.from(key) }] };
  });
  const keys = Buffer.alloc(48);
  const names = new ServerNames(listeners, () => keys);
  server = new Http1Server({
    address: "127.0.0.1",
    port: 0,
    reusePort: false,
    limits: { headTimeout: 300 },
    names: () => names,
    handle: (_request, { servername }) => ({ status: 200, headers: [], body: `for ${servername}` }),
    refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
    broke: () => {},
  });
  port = await server.open();
});
afterAll(() => server.close());

const get = "GET / HTTP/1.1\r\nHost: a.example\r\nconnection: close\r\n\r\n";

/** The certificate's names and what was answered, or the error. */
function ask(options: ConnectionOptions, say = get): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    let heard = "";
    socket.on("secureConnect", () => {
      heard = `${socket.getPeerCertificate().subjectaltname} `;
      socket.write(say);
    });
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) => (heard += error.code ?? error.message));
    socket.on("close", () => resolve(heard));
  });
}

describe("a server name", () => {
  it.each([
    ["a.example", "DNS:a.example"],
    ["A.Example", "DNS:a.example"],
    ["a.example.", "DNS:a.example"],
    ["x.shop.example.", "DNS:*.shop.example"],
  ])("%s has its certificate", async (servername, names) => {
    const heard = await ask({ servername });
    expect(heard).toMatch(new RegExp(`^${names.replace("*", "\\*")} HTTP/1.1 200`));
    expect(heard).toContain(`for ${servername}`);
  });

  it.each(["b.example", "shop.example", "__proto__", "a.example.."])(
    "%s of no listener is told so",
    async (servername) => {
      expect(await ask({ servername })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
      expect(await ask({ servername, maxVersion: "TLSv1.2" })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
    },
  );
});

it("HTTP/2 is agreed on in the handshake, or not spoken", async () => {
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const protocols of [{}, { ALPNProtocols: ["http/1.1"] }]) {
    const heard = await ask({ servername: "a.example", ...protocols }, preface);
    expect(heard).toMatch(/ HTTP\/1\.1 400 [^]*request-malformed$/);
  }
  expect(await ask({ servername: "a.example", ALPNProtocols: ["spdy/3"] })).toContain("NO_APPLICATION_PROTOCOL");
});

it.each([
  ["says nothing", ""],
  ["says half a word", "GE"],
])("who %s is closed in time, and counted no more", async (_name, bytes) => {
  const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.write(bytes);
  await expect.poll(() => server.held).toBe(1);
  await once(socket.resume(), "close");
  await expect.poll(() => server.held).toBe(0);
});

/** The first bytes that a client of TLS sends. */
async function clientHello(): Promise<Buffer> {
  const [hello, taker] = [Promise.withResolvers<Buffer>(), createTcp().listen(0, "127.0.0.1")];
  taker.on("connection", (socket) =>
    socket.on("error", () => {}).once("data", (bytes: Buffer) => hello.resolve(bytes)),
  );
  await once(taker, "listening");
  const { port: at } = taker.address() as AddressInfo;
  const client = connect({ port: at, host: "127.0.0.1", servername: "a.example" }).on("error", () => {});
  const bytes = await hello.promise;
  client.destroy();
  taker.close();
  return bytes;
}

describe("a client that leaves within its handshake", () => {
  it.each([
    ["in the middle of its first message", 40],
    ["when it has the answer to that", undefined],
  ])("%s is held no longer", async (_name, end) => {
    const hello = await clientHello();
    const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
    await once(socket, "connect");
    socket.write(hello.subarray(0, end));
    if (end === undefined) await once(socket, "data");
    await expect.poll(() => server.held).toBe(1);
    const closed = once(socket, "close");
    socket.resume().end();
    await expect.poll(() => server.held, { timeout: 2000 }).toBe(0);
    await closed;
  });
});
