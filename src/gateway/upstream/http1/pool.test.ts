import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BandstandError } from "../../../foundation/errors/index.ts";
import { isStream, type Body, type HttpRequest } from "../../../foundation/http/index.ts";
import { BodyQueue } from "../../../foundation/http/queue.ts";
import { Tunnels } from "../places/tunnels.ts";
import { EndpointPool, type PoolOptions } from "./pool.ts";

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const backend = (listener: RequestListener): Promise<number> => listen(createHttp(listener));

/** A server that answers each request's first bytes with raw text. */
async function rawBackend(answer: (socket: Socket, count: number) => void): Promise<number> {
  let count = 0;
  return listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => answer(socket, ++count));
      cleanups.push(() => socket.destroy());
    }),
  );
}

function pool(port: number, options: Partial<PoolOptions> = {}): EndpointPool {
  const made = new EndpointPool("127.0.0.1", port, options);
  cleanups.push(() => made.close());
  return made;
}

function request(fields: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "GET",
    scheme: "http",
    authority: "shop.example",
    target: "/",
    headers: [],
    body: undefined,
    ...fields,
  };
}

async function text(body: Body): Promise<string> {
  if (body === undefined) return "";
  if (!isStream(body)) return typeof body === "string" ? body : Buffer.from(body).toString("latin1");
  let all = "";
  for (let piece = await body.read(); piece !== undefined; piece = await body.read())
    all += Buffer.from(piece).toString("latin1");
  return all;
}

const code = (error: unknown): string => (error as BandstandError).code;

describe("requests to one endpoint", () => {
  it("sends the original authority, the headers, and a whole body; reuses the connection", async () => {
    const ports = new Set<number | undefined>();
    const port = await backend((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort);
      incoming.setEncoding("latin1");
      let body = "";
      incoming.on("data", (piece: string) => (body += piece));
      incoming.on("end", () =>
        outgoing.end(`${incoming.method} ${incoming.headers.host} ${incoming.headers["x-a"]} ${body}`, "latin1"),
      );
    });
    const to = pool(port);
    for (let turn = 0; turn < 3; turn++) {
      const sent = to.send(
        request({
          method: "POST",
          headers: ["X-A", "1", "Connection", "close", "Content-Length", "99"],
          body: "hällo",
        }),
      );
      expect(await text((await sent.response).body)).toBe("POST shop.example 1 hällo");
    }
    expect(ports.size).toBe(1);
  });

  it("ends a connection with content that its method gives no meaning to: a backend may not read it", async () => {
    const heads: string[] = [];
    let connections = 0;
    const port = await listen(
      createServer((socket) => {
        connections++;
        socket.on("error", () => {});
        socket.on("data", (data) => {
          heads.push(data.toString("latin1"));
          socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
        cleanups.push(() => socket.destroy());
      }),
    );
    const endpoint = pool(port);
    const smuggled = "GET /secret HTTP/1.1\r\nHost: x\r\nx-user: eve\r\n\r\n";
    expect(await text((await endpoint.send(request({ body: smuggled })).response).body)).toBe("ok");
    expect(await text((await endpoint.send(request()).response).body)).toBe("ok");
    expect(connections).toBe(2);
    expect(heads[0]).toContain("connection: close\r\n");
    expect(heads[1]).not.toContain("connection: close");
  });

  it("streams both ways with trailers, and paces a fast backend by its reader", async () => {
    let written = 0;
    const port = await backend((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { trailer: "x-sum" });
      const push = (): void => {
        while (written < 400) {
          written++;
          if (!outgoing.write(Buffer.alloc(100_000, "a"))) return void outgoing.once("drain", push);
        }
        outgoing.addTrailers({ "x-sum": "done" });
        outgoing.end();
      };
      push();
    });
    const body = new BodyQueue({});
    body.push(Buffer.from("up"));
    body.end();
    const response = await pool(port).send(request({ method: "POST", body })).response;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(200);
    expect((await text(response.body)).length).toBe(40_000_000);
    expect((response.body as BodyQueue).trailers).toEqual(["x-sum", "done"]);
  });

  it("drops informational responses and reads a body until close", async () => {
    const port = await rawBackend((socket) =>
      socket.end("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall of it"),
    );
    const response = await pool(port).send(request()).response;
    expect(response.status).toBe(200);
    expect(await text(response.body)).toBe("all of it");
  });

  it.each([
    [
      "a second response that nobody asked for",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    ],
    ["an end inside the head", "HTTP/1.1 200 OK\r\nContent-"],
    ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}`],
    ["protocols that switch", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ])("answers `backend-broken` to %s", async (_name, answer) => {
    const port = await rawBackend((socket) => socket.end(answer));
    expect(await pool(port).send(request()).response.catch(code)).toBe("backend-broken");
  });

  it("breaks the body where the connection ends too early", async () => {
    const port = await rawBackend((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\npart"));
    const response = await pool(port).send(request()).response;
    await expect(text(response.body)).rejects.toThrow(/before its response was complete/);
  });

  it("says `backend-reset` where no answer began, and can leave idle connections aside", async () => {
    const port = await rawBackend((socket, count) => {
      if (count % 2 === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      else socket.destroy();
    });
    const to = pool(port);
    expect((await to.send(request()).response).status).toBe(200);
    expect(await to.send(request()).response.catch(code)).toBe("backend-reset");
    expect((await to.send(request(), true).response).status).toBe(200);
  });

  it.each([["content-length"], ["chunked"]])(
    "takes a body of 40 kB that comes in one piece with its head: %s",
    async (kind) => {
      const body = "x".repeat(40_000);
      const head = "HTTP/1.1 200 OK\r\n";
      const answer =
        kind === "chunked"
          ? `${head}Transfer-Encoding: chunked\r\n\r\n9c40\r\n${body}\r\n0\r\n\r\n`
          : `${head}Content-Length: 40000\r\n\r\n${body}`;
      const port = await rawBackend((socket) => socket.write(answer));
      const to = pool(port);
      for (let turn = 0; turn < 3; turn++) {
        expect((await text((await to.send(request()).response).body)).length).toBe(40_000);
      }
    },
  );

  it("aborts its own request only, when the connection carries another one by then", async () => {
    const port = await backend((_incoming, outgoing) => void setTimeout(() => outgoing.end("ok"), 20));
    const to = pool(port, { connections: 1 });
    const first = to.send(request());
    await first.response;
    const second = to.send(request());
    first.abort(new BandstandError("client-gone", "too late"));
    expect((await second.response).status).toBe(200);
  });

  it("gets the answer of a backend that closes before it has all of the body", async () => {
    const closed = Promise.withResolvers<void>();
    const port = await rawBackend((socket) => {
      socket.once("close", () => closed.resolve());
      socket.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge");
      socket.destroy();
    });
    let pieces = 0;
    const body = {
      length: 1_000_000,
      trailers: undefined,
      cancel: () => {},
      // Once the backend has closed, a piece goes out in the same turn: that write fails before anything can be read.
      read: () => (pieces++ === 0 ? Buffer.alloc(1000) : closed.promise.then(() => Buffer.alloc(100_000))),
    };
    const response = await pool(port).send(request({ method: "POST", body })).response;
    expect(response.status).toBe(413);
    expect(await text(response.body)).toBe("large");
  });

  it("leaves a body alone until there is a connection", async () => {
    const closed = await backend(() => {});
    cleanups.splice(0).forEach((clean) => clean());
    const body = new BodyQueue({});
    body.push(Buffer.from("x"));
    body.end();
    const post = request({ method: "POST", body });
    expect(await pool(closed).send(post).response.catch(code)).toBe("backend-unreachable");
    expect(await text(body)).toBe("x");
  });

  it("says what is unreachable, overloaded, aborted", async () => {
    const closed = await backend(() => {});
    cleanups.splice(0).forEach((clean) => clean());
    expect(await pool(closed).send(request()).response.catch(code)).toBe("backend-unreachable");

    const hanging = pool(await backend(() => {}), { connections: 1, queue: 0 });
    const first = hanging.send(request());
    expect(await hanging.send(request()).response.catch(code)).toBe("overloaded");
    first.abort(new BandstandError("backend-timeout", "too slow"));
    expect(await first.response.catch(code)).toBe("backend-timeout");
  });

  it("lets requests wait for a connection where all are busy", async () => {
    const port = await backend((_incoming, outgoing) => void setTimeout(() => outgoing.end("ok"), 20));
    const to = pool(port, { connections: 2 });
    const all = await Promise.all(Array.from({ length: 10 }, () => to.send(request()).response));
    expect(all.map((response) => response.status)).toEqual(Array(10).fill(200));
  });

  it("has so many WebSockets at once, and no more", async () => {
    const port = await rawBackend((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    );
    const to = pool(port, { connections: 1, tunnels: new Tunnels(1) });
    const upgrade = () => request({ upgrade: { protocol: "websocket", stream: new BodyQueue({}) } });
    const first = await to.send(upgrade()).response;
    expect([first.status, to.active]).toEqual([101, 0]);
    expect(await Promise.resolve(to.send(upgrade()).response).catch(code)).toBe("overloaded");
    (first.body as BodyQueue).cancel();
    expect((await to.send(upgrade()).response).status).toBe(101);
  });

  it.each([
    ["target", { target: "/ HTTP/1.1\r\nx: y" }],
    ["a value", { headers: ["x", "a\r\nb: c"] }],
    ["authority", { authority: "a\r\nb" }],
  ])("lets no line end through in %s", async (_name, fields) => {
    const port = await backend((_incoming, outgoing) => outgoing.end());
    const to = pool(port, { connections: 1, queue: 0 });
    expect(await to.send(request(fields)).response.catch(code)).toBe("request-malformed");
    expect(to.active).toBe(0);
    expect((await to.send(request()).response).status).toBe(200);
  });
});
