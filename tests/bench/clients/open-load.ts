import { connect, type Socket } from "node:net";

/** What an open loop saw: requests come at their times, whatever became of those before. */
export interface OpenLoad {
  seconds: number;
  offered: number;
  /** Answered with 200 in time. */
  good: number;
  /** Answered with 503. */
  refused: number;
  /** Answered with 200, but too late. */
  late: number;
  /** No answer, another one, or no connection was left to send on. */
  failed: number;
  /** Milliseconds from when a request was due to its answer, of good ones. */
  p50: number;
  p99: number;
}

export interface OpenLoadOptions {
  host: string;
  port: number;
  path: string;
  perSecond: number;
  /** Seconds before counting begins, and of counting. */
  warm: number;
  seconds: number;
  /** Connections at most. */
  connections: number;
  /** Milliseconds within which an answer is any good. */
  deadline: number;
}

interface Client {
  socket: Socket;
  /** When the request under way was due; undefined while there is none. */
  due: number | undefined;
  counted: boolean;
  received: string;
}

/** Sends GET requests at an even rate over keep-alive connections, each by the first that is free. */
export async function openLoad(options: OpenLoadOptions): Promise<OpenLoad> {
  const { host, port, path, perSecond, warm, seconds, connections, deadline } = options;
  const request = `GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`;
  const free: Client[] = [];
  const all = new Set<Client>();
  const latencies: number[] = [];
  const seen = { offered: 0, good: 0, refused: 0, late: 0, failed: 0 };
  const fail = (client: Client): void => {
    if (!all.delete(client)) return;
    if (client.counted) seen.failed++;
    client.socket.destroy();
    const at = free.indexOf(client);
    if (at !== -1) free.splice(at, 1);
  };
  const answered = (client: Client, status: number): void => {
    const took = performance.now() - (client.due ?? 0);
    if (client.counted) {
      if (status === 503) seen.refused++;
      else if (status !== 200) seen.failed++;
      else if (took > deadline) seen.late++;
      else {
        seen.good++;
        latencies.push(took);
      }
    }
    client.due = undefined;
    client.counted = false;
    free.push(client);
  };
  const open = (): Client => {
    const client: Client = {
      socket: connect({ host, port, noDelay: true }),
      due: undefined,
      counted: false,
      received: "",
    };
    all.add(client);
    client.socket.setEncoding("latin1").on("data", (text: string) => {
      client.received += text;
      const status = wholeAnswer(client.received);
      if (status === undefined) return;
      client.received = "";
      answered(client, status);
    });
    client.socket.on("error", () => fail(client)).on("close", () => fail(client));
    return client;
  };
  const began = performance.now();
  const end = began + (warm + seconds) * 1000;
  let sent = 0;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now();
      for (; began + (sent * 1000) / perSecond <= Math.min(now, end); sent++) {
        const due = began + (sent * 1000) / perSecond;
        const counted = due >= began + warm * 1000;
        if (counted) seen.offered++;
        const client = free.pop() ?? (all.size < connections ? open() : undefined);
        if (client === undefined) {
          if (counted) seen.failed++;
          continue;
        }
        client.due = due;
        client.counted = counted;
        client.socket.write(request);
      }
      if (now < end) setTimeout(turn, 1);
      else setTimeout(resolve, deadline);
    };
    turn();
  });
  for (const client of all) fail(client);
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { seconds, ...seen, p50: quantile(0.5), p99: quantile(0.99) };
}

/** The status of an answer that is whole; undefined while it is not. */
function wholeAnswer(text: string): number | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = text.slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  const whole = length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= end + 4 + Number(length);
  return whole ? Number(head.slice(9, 12)) : undefined;
}
