import { createSecureServer, createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

export interface GrpcBackend {
  port: number;
  /** Calls taken, as `/service/Method`. */
  calls(): string[];
  close(): Promise<void>;
}

/** One message as gRPC writes it: a byte for compression, four for the length. */
export function framed(text: string | Uint8Array): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** The messages in what came. */
export function messagesIn(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, at + 5 + length).toString());
    at += 5 + length;
  }
  return messages;
}

/**
 * A gRPC server over HTTP/2 by prior knowledge, or with TLS. Methods: `Fail` is a status without a message, `Talk` says every
 * message back as it comes, `Count` answers three messages, everything else says what it got. Messages are JSON.
 */
export async function startGrpcBackend(
  name: string,
  pair?: { certificate: string; key: string },
): Promise<GrpcBackend> {
  const calls: string[] = [];
  const server = pair === undefined ? createServer() : createSecureServer({ cert: pair.certificate, key: pair.key });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    const path = String(headers[":path"]);
    calls.push(path);
    void answer(name, stream, path, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

async function answer(name: string, stream: ServerHttp2Stream, path: string, headers: object): Promise<void> {
  const head = { ":status": 200, "content-type": "application/grpc+json", "x-backend": name };
  if (path.endsWith("/Fail")) {
    stream.respond({ ...head, "grpc-status": "5", "grpc-message": "no such order" }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-trailer-bin": "AAEC", "x-sum": "abc" }));
  if (path.endsWith("/Talk")) return void stream.pipe(stream);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of stream) pieces.push(piece as Buffer);
  } catch {
    return;
  }
  const said = JSON.stringify({ backend: name, path, headers, messages: messagesIn(Buffer.concat(pieces)) });
  for (const message of path.endsWith("/Count") ? ["1", "2", "3"] : [said]) stream.write(framed(message));
  stream.end();
}
