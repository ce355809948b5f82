import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { selfSigned } from "../../foundation/certificates/index.ts";
import { Malformed } from "../http1/malformed.ts";
import { Http1Server } from "./http1/server.ts";
import { readProxyHeader } from "./proxy-protocol.ts";
import { ServerNames } from "./tls/server-names.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const four = Buffer.from([192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187]);

it("reads a header however it arrives, and leaves what follows", () => {
  const v1 = Buffer.from("PROXY TCP4 192.0.2.1 192.0.2.2 80 443\r\n");
  const v2 = Buffer.concat([signature, Buffer.from([0x21, 0x11, 0, 12]), four]);
  for (const header of [v1, v2]) {
    for (let length = 0; length < header.length; length++) {
      expect(readProxyHeader(header.subarray(0, length))).toBeUndefined();
    }
    const more = Buffer.concat([header, Buffer.from("GET / HTTP/1.1\r\n")]);
    expect(readProxyHeader(more)).toEqual({ source: "192.0.2.1", length: header.length });
  }
});

it("knows IPv4 in the form of IPv6, as proxies on sockets for both families write it", () => {
  const six = Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255, 192, 0, 2, 1]), Buffer.alloc(20)]);
  const v2 = Buffer.concat([signature, Buffer.from([0x21, 0x21, 0, 36]), six]);
  const v1 = Buffer.from("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 80 443\r\n");
  expect([v1, v2].map((header) => readProxyHeader(header)?.source)).toEqual(["192.0.2.1", "192.0.2.1"]);
});

it("says of any bytes that they are a header, the beginning of one, or none", () => {
  const beginnings = fc.constantFrom(Buffer.alloc(0), Buffer.from("PROXY "), Buffer.from("PROXY TCP6 "), signature);
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
      const input = Buffer.concat([beginning, rest]);
      try {
        const found = readProxyHeader(input);
        if (found !== undefined) expect(found.length).toBeLessThanOrEqual(input.length);
        else expect(input.length).toBeLessThan(4096);
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
  );
});

it("tells of the client below TLS too, for HTTP/1.1 and HTTP/2", async () => {
  const { certificate, key } = selfSigned(["a.example"]);
  const pairs = [{ certificate: Buffer.from(certificate), key: Buffer.from(key) }];
  const keys = Buffer.alloc(48);
  const names = new ServerNames([{ pairs }], () => keys);
  const server = new Http1Server({
    address: "127.0.0.1",
    port: 0,
    reusePort: false,
    names: () => names,
    proxies: () => (address) => address === "127.0.0.1",
    handle: (_request, { remoteAddress }) => ({ status: 200, headers: [], body: remoteAddress }),
    refuse: (error) => ({ status: error.status, headers: [], body: error.code }),
    broke: () => {},
  });
  cleanups.push(() => server.close());
  const port = await server.open();
  const secured = async (client: string, protocol: string): Promise<Socket> => {
    const socket = connect({ port, host: "127.0.0.1" });
    cleanups.push(() => socket.destroy());
    socket.write(`PROXY TCP4 ${client} 127.0.0.1 1 2\r\n`);
    const options = { socket, servername: "a.example", rejectUnauthorized: false, ALPNProtocols: [protocol] };
    return connectTls(options);
  };

  const first = await secured("192.0.2.7", "http/1.1");
  first.write("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const piece of first) text += String(piece);
  expect(text).toMatch(/192\.0\.2\.7$/);

  const socket = await secured("192.0.2.8", "h2");
  const session = connectHttp2("https://a.example", { createConnection: () => socket });
  cleanups.push(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  let body = "";
  for await (const piece of stream) body += String(piece);
  expect(body).toBe("192.0.2.8");
});
