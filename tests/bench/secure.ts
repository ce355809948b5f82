import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { selfSigned } from "../../src/foundation/certificates/index.ts";
import { client } from "./clients/client.ts";
import type { Comparison, Measure, Place } from "./measures.ts";
import * as peers from "./peers.ts";
import { threadsCpu, type Server } from "./process.ts";
import { median } from "./report.ts";
import { bandstand } from "./site.ts";

/** Servers are measured in turn, so often. */
const rounds = 5;
/**
 * Rounds before those. V8 compiles for the first thousands of connections: of a gateway that has just begun, a handshake
 * takes 140 µs of its compilers besides, of one that runs for a while 20.
 */
const warming = 4;

/** One kind of load, which is given to all servers. */
interface Kind {
  /** The client's name and what it is asked besides. */
  client: "handshakes" | "http2";
  options: object;
  figure: string;
}

/**
 * CPU time beside nginx and beside bare Node with the same answer, the same certificate (P-256) and two tickets a handshake
 * each: the first ratio is what a user sees, the second what of it is ours.
 */
async function overTls({ folder, port, seconds }: Place, kinds: Kind[]): Promise<Comparison[]> {
  const pair = { certificate: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const made = selfSigned(["localhost"]);
  await Promise.all([writeFile(pair.certificate, made.certificate), writeFile(pair.key, made.key)]);
  const protocol = kinds[0]?.client === "http2" ? "http2" : "tls";
  const hello = { name: "hello", guest: "hello-c", isolation: "reuse" } as const;
  const site = { name: `over-${protocol}`, components: [hello], backend: { component: "hello" }, tls: pair };
  const starts = [
    () => bandstand(folder, port, site),
    () => peers.nginxTls(folder, port + 1, pair),
    () => peers.bareSecure(folder, port + 2, pair, protocol),
  ];
  const servers: Server[] = [];
  try {
    for (const start of starts) servers.push(await start());
    const found: Comparison[] = [];
    for (const kind of kinds) {
      const seen: number[][] = servers.map(() => []);
      for (let round = 1 - warming; round <= rounds; round++) {
        for (const [index, { pid }] of servers.entries()) {
          const before = await threadsCpu(pid);
          const { requests, failed } = await client(kind.client, { port: port + index, seconds, ...kind.options });
          if (failed > 0) throw new Error(`${failed} of ${requests} ${kind.client} failed`);
          if (round > 0) seen[index]?.push((1000 * requests) / ((await threadsCpu(pid)) - before));
        }
      }
      const [own, nginx, bare] = seen.map((all) => median(all)) as [number, number, number];
      const { figure } = kind;
      found.push({ figure, own, base: nginx, against: "nginx" });
      found.push({ figure, own, base: bare, against: `bare node:${protocol}` });
    }
    return found;
  } finally {
    for (const server of servers) await server.stop();
  }
}

export const secureMeasures: Measure[] = [
  {
    name: "TLS handshakes",
    run: (place) =>
      overTls(place, [
        // Node agrees on X25519 with ML-KEM-768, which nginx with OpenSSL 3.0 does not have: once so, once alike.
        { client: "handshakes", options: { clients: 16 }, figure: "handshakes/CPU s" },
        {
          client: "handshakes",
          options: { clients: 16, groups: "X25519:P-256" },
          figure: "handshakes/CPU s, X25519 on all",
        },
      ]),
  },
  {
    name: "HTTP/2 requests",
    run: (place) =>
      overTls(place, [{ client: "http2", options: { sessions: 4, streams: 25 }, figure: "requests/CPU s" }]),
  },
];
