import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";
import { answer } from "../results.ts";
import type { Dialect } from "./dialect.ts";
import type { TcpResource, UdpResource } from "./resources.ts";
import { numberOfFamily, putEndpoint } from "./values.ts";

type Put<T> = (memory: GuestMemory, at: number, value: T) => void;

/** How values are read and written: their letter as a parameter, and their result. */
const byte = {
  letter: "i",
  holds: "byte",
  put: ({ view }: GuestMemory, at: number, value: number) => view.setUint8(at, value),
} as const;
const number = {
  letter: "i",
  holds: "number",
  put: ({ view }: GuestMemory, at: number, value: number) => view.setUint32(at, value, true),
} as const;
const large = {
  letter: "I",
  holds: "large",
  put: ({ view }: GuestMemory, at: number, value: bigint) => view.setBigUint64(at, value, true),
} as const;

export function tcpOf(guest: Guest, handle: number): TcpResource {
  return guest.handles.get<TcpResource>(handle, "tcp-socket");
}

export function udpOf(guest: Guest, handle: number): UdpResource {
  return guest.handles.get<UdpResource>(handle, "udp-socket");
}

type Tcp = TcpResource["socket"];
type Udp = UdpResource["socket"];

/** Properties of one kind of sockets in one version of WASI. */
class Properties<S extends { family: "ipv4" | "ipv6" }> {
  readonly #dialect: Dialect;
  readonly #socketOf: (guest: Guest, handle: number) => S;

  constructor(dialect: Dialect, socketOf: (guest: Guest, handle: number) => S) {
    this.#dialect = dialect;
    this.#socketOf = socketOf;
  }

  get<T>(type: { holds: "byte" | "number" | "large" | "endpoint"; put: Put<T> }, read: (socket: S) => T): Function {
    return host("ii", (guest, memory) => (handle: number, result: number) => {
      const socket = this.#socketOf(guest, handle);
      answer(
        this.#dialect,
        memory,
        result,
        type.holds,
        () => read(socket),
        (at, value) => type.put(memory, at, value),
      );
    });
  }

  set<T extends number | bigint>(
    type: { letter: "i" | "I"; put: Put<T> },
    write: (socket: S, value: T) => void,
  ): Function {
    return host(`i${type.letter}i`, (guest, memory) => (handle: number, value: T, result: number) => {
      const socket = this.#socketOf(guest, handle);
      const unsigned = typeof value === "bigint" ? BigInt.asUintN(64, value) : value >>> 0;
      answer(this.#dialect, memory, result, "byte", () => write(socket, unsigned as T));
    });
  }

  endpoint(read: (socket: S) => Tcp["local"]): Function {
    return this.get({ holds: "endpoint", put: putEndpoint }, read);
  }

  plain(read: (socket: S) => number): Function {
    return host("i:i", (guest) => (handle: number) => read(this.#socketOf(guest, handle)));
  }
}

/** What is read of a TCP socket, and set. */
export function tcpProperties(dialect: Dialect): Record<string, Function> {
  const properties = new Properties(dialect, (guest, handle) => tcpOf(guest, handle).socket);
  const option = <T extends number | bigint>(
    type: { holds: "byte" | "number" | "large"; letter: "i" | "I"; put: Put<T> },
    read: (options: Tcp["options"]) => T,
    write: (options: Tcp["options"], value: T) => void,
  ): Accessors => [
    properties.get(type, (socket) => socket.configured(read)),
    properties.set(type, (socket, value) => socket.configure((options) => write(options, value))),
  ];
  return named("tcp-socket", dialect, {
    "local-address": [properties.endpoint(({ local }) => local)],
    "remote-address": [properties.endpoint(({ remote }) => remote)],
    "is-listening": [properties.plain(({ isListening }) => Number(isListening))],
    "address-family": [properties.plain(({ family }) => numberOfFamily(family))],
    "listen-backlog-size": [undefined, properties.set(large, (socket, value) => socket.setBacklog(value))],
    "keep-alive-enabled": option(
      byte,
      ({ keepAlive }) => Number(keepAlive),
      (options, value) => (options.keepAlive = value !== 0),
    ),
    "keep-alive-idle-time": option(
      large,
      ({ idle }) => idle,
      (options, value) => (options.idle = value),
    ),
    "keep-alive-interval": option(
      large,
      ({ interval }) => interval,
      (options, value) => (options.interval = value),
    ),
    "keep-alive-count": option(
      number,
      ({ count }) => count,
      (options, value) => (options.count = value),
    ),
    "hop-limit": option(
      byte,
      ({ hopLimit }) => hopLimit,
      (options, value) => options.setHopLimit(value & 0xff),
    ),
    "receive-buffer-size": option(
      large,
      (options) => options.buffer("receive"),
      (options, value) => options.setBuffer("receive", value),
    ),
    "send-buffer-size": option(
      large,
      (options) => options.buffer("send"),
      (options, value) => options.setBuffer("send", value),
    ),
  });
}

/** What is read of a UDP socket, and set. */
export function udpProperties(dialect: Dialect): Record<string, Function> {
  const properties = new Properties<Udp>(dialect, (guest, handle) => udpOf(guest, handle).socket);
  const buffer = (which: "receive" | "send"): Accessors => [
    properties.get(large, (socket) => socket.buffer(which)),
    properties.set(large, (socket, value) => socket.setBuffer(which, value)),
  ];
  return named("udp-socket", dialect, {
    "local-address": [properties.endpoint(({ local }) => local)],
    "remote-address": [properties.endpoint(({ remote }) => remote)],
    "address-family": [properties.plain(({ family }) => numberOfFamily(family))],
    "unicast-hop-limit": [
      properties.get(byte, ({ hopLimit }) => hopLimit),
      properties.set(byte, (socket, value) => socket.setHopLimit(value & 0xff)),
    ],
    "receive-buffer-size": buffer("receive"),
    "send-buffer-size": buffer("send"),
  });
}

type Accessors = readonly [read: Function | undefined, write?: Function];

function named(resource: string, { getter }: Dialect, each: Record<string, Accessors>): Record<string, Function> {
  return Object.fromEntries(
    Object.entries(each).flatMap(([name, [read, write]]) => [
      ...(read === undefined ? [] : [[`[method]${resource}.${getter}${name}`, read] as const]),
      ...(write === undefined ? [] : [[`[method]${resource}.set-${name}`, write] as const]),
    ]),
  );
}
