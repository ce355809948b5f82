import { createServer } from "node:http";
import { createSecureServer, createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

/** A backend for what happens on the wire: upgrades, informational responses, trailers, events. */
export async function startWireBackend(): Promise<{ port: number; close(): Promise<void> }> {
  let next = (): void => {};
  const server = createServer(async (incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? "/", "http://backend");
    if (pathname.endsWith("/hints")) outgoing.writeEarlyHints({ link: "</style.css>; rel=preload" });
    if (pathname.endsWith("/events")) {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      for (let count = 0; count < 3; count++) {
        outgoing.write(`data: ${count}\n\n`);
        await new Promise<void>((resolve) => (next = resolve));
      }
      return void outgoing.end();
    }
    // The next event, once somebody has seen the one before.
    if (pathname.endsWith("/next")) return void (next(), outgoing.end());
    if (pathname.endsWith("/breaks")) {
      outgoing.writeHead(200, { "content-length": 1000 });
      return void outgoing.write("a part", () => outgoing.destroy());
    }
    if (pathname.endsWith("/early")) {
      outgoing.writeHead(413, { connection: "close" }).end("too large");
      return void incoming.socket.destroySoon();
    }
    if (pathname.endsWith("/odd-trailers")) {
      outgoing.setHeader("content-type", "a/b").appendHeader("content-type", "c/d");
      const misplaced = ["Connection", "TE", "HTTP2-Settings", "Content-Length"].map((name) => [name, "1"] as const);
      outgoing.write("odd");
      outgoing.addTrailers([...misplaced, ["X-Sum", "one"], ["X-Sum", "two"]] as never);
      return void outgoing.end();
    }
    let body = "";
    try {
      for await (const piece of incoming) body += String(piece);
    } catch {
      return;
    }
    if (pathname.endsWith("/trailers")) {
      outgoing.setHeader("trailer", "x-sum");
      outgoing.write(JSON.stringify({ body, trailers: incoming.trailers }));
      outgoing.addTrailers({ "x-sum": "abc" });
      return void outgoing.end();
    }
    outgoing.end(JSON.stringify({ body, headers: incoming.headers }));
  });
  // Greets, then says everything back; `bye` ends the connection.
  server.on("upgrade", (incoming, socket, head) => {
    if (incoming.url?.includes("refuse"))
      return void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
    const { "sec-websocket-key": key = "", "x-user": user = "" } = incoming.headers;
    // As real ones do.
    if (key === "") return void socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    socket.on("error", () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\nhello ${String(user)};`,
    );
    if (head.length > 0) socket.write(head);
    socket.on("data", (chunk: Buffer) => {
      if (chunk.toString() === "bye") socket.end("farewell");
      else socket.write(chunk);
    });
    socket.on("end", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A backend of HTTP/2 in clear text that says what it got; gRPC's way of answering on `/grpc`. */
export async function startH2cBackend(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createHttp2();
  let turn = 0;
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", async (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    const path = String(headers[":path"]);
    const number = turn++;
    if (path.includes("flaky") && number % 2 === 0) return stream.close(7);
    if (path.includes("unreadable")) return stream.close(1);
    if (path.includes("endless")) {
      for (let count = 0; count < 1000 && !stream.closed; count++) stream.additionalHeaders({ ":status": 103 });
      return;
    }
    if (path.includes("hints")) stream.additionalHeaders({ ":status": 103, link: "</a>" });
    // gRPC's ways: an error without any message, and messages both ways at once.
    const grpc = { ":status": 200, "content-type": "application/grpc" };
    if (path.includes("trailers-only")) return stream.respond({ ...grpc, "grpc-status": "5" }, { endStream: true });
    if (path.includes("bidirectional")) {
      stream.respond(grpc, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "done" }));
      return void stream.pipe(stream);
    }
    let trailers = {};
    stream.on("trailers", (fields) => (trailers = fields));
    let body = "";
    for await (const piece of stream) body += String(piece);
    if (path.includes("never")) return;
    stream.respond({ ":status": 200, "content-type": "application/json" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(JSON.stringify({ protocol: "h2c", backend: "h2c", headers, body, trailers }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A backend with TLS for HTTP/1.1 and HTTP/2, which says how it was spoken to and by whose certificate; it echoes what comes behind an upgrade. */
export async function startTlsBackend(pair: {
  certificate: string;
  key: string;
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = createSecureServer(
    { cert: pair.certificate, key: pair.key, allowHTTP1: true, requestCert: true, rejectUnauthorized: false },
    async (incoming, outgoing) => {
      const { socket, httpVersion: version, headers } = incoming;
      const secure = (incoming.stream?.session?.socket ?? socket) as TLSSocket & { servername?: string };
      const client = secure.getPeerCertificate().fingerprint256;
      const { servername } = secure;
      if (incoming.url?.endsWith("/slow")) {
        outgoing.writeHead(200).write("a part;");
        await sleep(400);
      }
      outgoing.end(JSON.stringify({ backend: "tls", servername, version, scheme: headers[":scheme"], client }));
    },
  );
  server.on("upgrade", (_incoming, socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.pipe(socket);
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session)).on("secureConnection", (socket) => sessions.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}
