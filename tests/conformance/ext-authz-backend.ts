import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  all,
  decode,
  encode,
  message,
  text,
  type Field,
  type Fields,
} from "../../src/gateway/chain/ext-authz/protobuf.ts";
import { framed } from "./grpc-backend.ts";

export interface ExtAuthzBackend {
  port: number;
  /** What it was asked last, of `AttributeContext.HttpRequest`, with its source. */
  asked(): { method: string; path: string; host: string; headers: Record<string, string>; body: string; from: string };
  close(): Promise<void>;
}

const header = (key: string, value: string, more: Field[] = []): Field[] => [
  [
    1,
    [
      [1, key],
      [2, value],
    ],
  ],
  ...more,
];
const ok: Field = [1, []];

/** Answers by the token, as Envoy's protocol has it; `status` is gRPC's own, `garbage` no message. */
const answers: Record<string, Field[]> = {
  ok: [
    ok,
    [
      3,
      [
        [2, header("X-User", "ada")],
        [2, header("x-roles", "b", [[2, [[1, 1]]]])],
        [2, header("x-new", "given", [[3, 1]])],
        [2, header(":path", "/elsewhere")],
        [2, header("transfer-encoding", "chunked")],
        [5, "X-Remove"],
        [6, header("x-answer", "one")],
        [
          7,
          [
            [1, "user"],
            [2, "ada"],
          ],
        ],
        [8, "secret"],
      ],
    ],
  ],
  denied: [
    [1, [[1, 7]]],
    [
      2,
      [
        [1, [[1, 401]]],
        [2, header("www-authenticate", "Bearer")],
        [3, "who are you?"],
      ],
    ],
  ],
  bare: [
    [
      1,
      [
        [1, 16],
        [2, "a secret of the server"],
      ],
    ],
  ],
  split: [ok, [3, [[2, header("x-user", "a\r\nx-admin: 1")]]]],
};

/** `envoy.service.auth.v3.Authorization` over HTTP/2 by prior knowledge. */
export async function startExtAuthzBackend(): Promise<ExtAuthzBackend> {
  let asked: ReturnType<ExtAuthzBackend["asked"]> | undefined;
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", async (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    const known = headers[":path"] === "/envoy.service.auth.v3.Authorization/Check" && headers["te"] === "trailers";
    const question = message(decode(Buffer.concat(pieces).subarray(5)), 1)!;
    asked = read(question);
    const token = asked.headers["authorization"] ?? "bare";
    const code = !known ? "12" : token === "status" ? "13" : "0";
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": code }));
    if (token === "silent") return;
    stream.end(token === "garbage" ? Buffer.from("what?") : framed(encode(answers[token] ?? [])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked!,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

function read(attributes: Fields): NonNullable<ReturnType<ExtAuthzBackend["asked"]>> {
  const http = message(message(attributes, 4)!, 2)!;
  const pairs = all(http, 3).map((entry) => [text(decode(entry), 1), text(decode(entry), 2)]);
  const socket = message(message(message(attributes, 1)!, 1)!, 1)!;
  return {
    method: text(http, 2),
    path: text(http, 4),
    host: text(http, 5),
    headers: Object.fromEntries(pairs) as Record<string, string>,
    body: text(http, 11),
    from: text(socket, 2),
  };
}
