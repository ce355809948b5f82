import { connect } from "node:net";

/** Types of frames (RFC 9113, section 6). */
export const type = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  promise: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

export const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A frame as it stands on the wire, whatever it says. */
export function frame(kind: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = kind;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Fields as literals without any table (RFC 7541, section 6.2.2); nothing of them is checked. */
export function fields(...pairs: [string, string][]): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, "latin1");
    if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
    const more: number[] = [127];
    let rest = bytes.length - 127;
    for (; rest > 127; rest >>= 7) more.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([...more, rest]), bytes]);
  };
  return Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

/** A 32-bit number, for payloads. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A setting of a SETTINGS frame. */
export function setting(id: number, value: number): Buffer {
  return Buffer.concat([Buffer.of(0, id), word(value)]);
}

/** What a server said: resets by stream, the code of GOAWAY, bytes of bodies by stream, which streams got a head, and acknowledged pings. */
export interface Heard {
  resets: Map<number, number>;
  goaway: number | undefined;
  heads: Map<number, Buffer>;
  bodies: Map<number, string>;
  pings: number;
  closed: boolean;
}

/** Sends bytes and listens until it closes, `until` holds, or the time is over. */
export function listen(
  port: number,
  pieces: Uint8Array[],
  until: (heard: Heard) => boolean,
  milliseconds = 1500,
): Promise<Heard> {
  const heard: Heard = {
    resets: new Map(),
    goaway: undefined,
    heads: new Map(),
    bodies: new Map(),
    pings: 0,
    closed: false,
  };
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(done, milliseconds);
    let input = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      while (input.length >= 9 && input.length >= 9 + input.readUIntBE(0, 3)) {
        const end = 9 + input.readUIntBE(0, 3);
        take(heard, input[3] ?? 0, input[4] ?? 0, input.readUInt32BE(5) & 0x7fffffff, input.subarray(9, end));
        input = input.subarray(end);
      }
      if (until(heard)) done();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      heard.closed = true;
      done();
    });
    socket.write(preface);
    for (const piece of pieces) socket.write(piece);
  });
}

function take(heard: Heard, kind: number, flags: number, stream: number, payload: Buffer): void {
  if (kind === type.reset) heard.resets.set(stream, payload.readUInt32BE(0));
  else if (kind === type.goaway) heard.goaway = payload.readUInt32BE(4);
  else if (kind === type.headers) heard.heads.set(stream, Buffer.from(payload));
  else if (kind === type.data) heard.bodies.set(stream, (heard.bodies.get(stream) ?? "") + payload.toString("latin1"));
  else if (kind === type.ping && (flags & 1) === 1) heard.pings++;
}
