import { afterEach, describe, expect, it } from "vitest";
import { SocketError } from "./failure.ts";
import { Network } from "./network.ts";
import { TcpSocket } from "./tcp.ts";
import { UdpSocket } from "./udp.ts";

const networks: Network[] = [];
afterEach(() => networks.splice(0).forEach((network) => network.close()));

const hosts: Record<string, string[]> = {
  "db.example": ["10.1.2.3", "fd00::7"],
  "bad.example": ["127.0.0.1", "169.254.169.254", "10.9.9.9"],
  "evil.example": ["127.0.0.1"],
  localhost: ["127.0.0.1", "::1"],
};

function networkOf(...entries: string[]): Network {
  const network = new Network(
    entries,
    () => {},
    (name, done) =>
      done(
        null,
        (hosts[name] ?? []).map((address) => ({ address, family: 4 })),
      ),
  );
  networks.push(network);
  return network;
}

function lookup(network: Network, name: string): readonly string[] | string {
  let answer: readonly string[] | string = "nothing yet";
  const take = (found: readonly string[] | SocketError) => {
    answer = found instanceof SocketError ? found.code : found;
  };
  try {
    network.lookup(name, take);
  } catch (error) {
    take(error as SocketError);
  }
  return answer;
}

const at = (address: string, port: number) =>
  ({ family: address.includes(":") ? "ipv6" : "ipv4", address, port, scope: 0 }) as const;

describe("names", () => {
  it("grant where they led to, on their own port", () => {
    const network = networkOf("db.example:5432");
    expect(network.reach.mayReach(at("10.1.2.3", 5432))).toBe(false);
    expect(lookup(network, "DB.example")).toEqual(["10.1.2.3", "fd00::7"]);
    expect(network.reach.mayReach(at("10.1.2.3", 5432))).toBe(true);
    expect(network.reach.mayReach(at("fd00::7", 5432))).toBe(true);
    expect(network.reach.mayReach(at("10.1.2.3", 22))).toBe(false);
    expect(network.reach.mayListen(at("10.1.2.3", 5432))).toBe(false);
  });

  it("lead nobody to this machine, its link or metadata", () => {
    const network = networkOf("*.example", "localhost:80");
    expect(lookup(network, "bad.example")).toEqual(["10.9.9.9"]);
    expect(lookup(network, "evil.example")).toBe("access-denied");
    expect(network.reach.mayReach(at("127.0.0.1", 5432))).toBe(false);
    expect(lookup(network, "localhost")).toEqual(["127.0.0.1", "::1"]);
    expect(network.reach.mayReach(at("127.0.0.1", 80))).toBe(true);
    expect(network.reach.mayReach(at("127.0.0.1", 81))).toBe(false);
    expect(lookup(networkOf("evil.example", "127.0.0.1:9"), "evil.example")).toEqual(["127.0.0.1"]);
  });

  it("that nobody granted are not asked for", () => {
    expect(lookup(networkOf("10.0.0.0/8"), "db.example")).toBe("access-denied");
    expect(lookup(networkOf("*"), "nowhere.example")).toBe("name-unresolvable");
    expect(lookup(networkOf("*"), "http://db.example/")).toBe("invalid-argument");
    expect(lookup(networkOf("*"), "[::]")).toEqual(["::"]);
  });
});

describe("sockets", () => {
  const codeOf = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return (error as SocketError).code;
    }
    return "ok";
  };

  it("are a thousand at a time, and those given back count no more", () => {
    const network = networkOf("*");
    const held = Array.from({ length: 1000 }, () => new TcpSocket(network, "ipv4"));
    expect(codeOf(() => new TcpSocket(network, "ipv4"))).toBe("new-socket-limit");
    expect(codeOf(() => new UdpSocket(network, "ipv4"))).toBe("new-socket-limit");
    held[0]!.drop();
    expect(codeOf(() => new UdpSocket(network, "ipv6"))).toBe("ok");
  });

  it("listen where their own address is granted, or all of this machine", () => {
    const listens = (entries: string[], address: string, port: number) =>
      networkOf(...entries).reach.mayListen(at(address, port));
    expect(listens(["0.0.0.0:80"], "0.0.0.0", 80)).toBe(true);
    expect(listens(["0.0.0.0:80"], "10.0.0.7", 80)).toBe(true);
    expect(listens(["0.0.0.0:80"], "::", 80)).toBe(false);
    expect(listens(["10.0.0.7"], "0.0.0.0", 80)).toBe(false);
    expect(listens(["localhost:0"], "::1", 0)).toBe(true);
    expect(listens(["*", "10.0.0.0/8", "127.0.0.0/8"], "10.0.0.7", 80)).toBe(false);
  });

  it("of UDP that listen answer who sent to them, and nobody else", async () => {
    const server = new UdpSocket(networkOf("127.0.0.1"), "ipv4");
    server.bind(at("127.0.0.1", 0));
    const { local } = server;
    server.drop();
    const narrow = new UdpSocket(networkOf(`127.0.0.1:${local.port}`), "ipv4");
    narrow.bind(local);
    const client = new UdpSocket(networkOf("127.0.0.1"), "ipv4");
    client.bind(at("0.0.0.0", 0));
    const from = at("127.0.0.1", client.local.port);
    expect(codeOf(() => narrow.send(Buffer.from("unasked"), from))).toBe("access-denied");
    const came = new Promise<void>((resolve) => (narrow.onChange = resolve));
    client.send(Buffer.from("hello"), narrow.local);
    await came;
    expect(Buffer.from(narrow.receive()!.data).toString()).toBe("hello");
    expect(codeOf(() => narrow.send(Buffer.from("answer"), from))).toBe("ok");
  });

  it("of UDP are told once of what came together", async () => {
    const [server, client] = [0, 1].map(() => new UdpSocket(networkOf("127.0.0.1"), "ipv4")) as [UdpSocket, UdpSocket];
    for (const socket of [server, client]) socket.bind(at("127.0.0.1", 0));
    const came = new Promise<void>((resolve) => (server.onChange = resolve));
    for (const text of ["1", "2", "3"]) client.send(Buffer.from(text), server.local);
    await came;
    expect([1, 2, 3].map(() => Buffer.from(server.receive()?.data ?? "").toString())).toEqual(["1", "2", "3"]);
    for (const socket of [server, client]) socket.destroy();
  });
});
