import { SocketError } from "../../sockets/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { PollableOn } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { answer } from "../results.ts";
import { wasi2 } from "./dialect.ts";
import { tcpOf, tcpProperties } from "./properties.ts";
import { NetworkResource, TcpInput, TcpOutput, TcpResource } from "./resources.ts";
import { flatEndpoint } from "./values.ts";

/** Self, network, an `ip-socket-address` of twelve parts, result. */
export const withAddress = "i".repeat(15);

type Operation = NonNullable<TcpResource["operation"]>;

function begin(resource: TcpResource, operation: Operation, act: () => void): void {
  if (resource.operation !== undefined) throw new SocketError("concurrency-conflict");
  act();
  resource.operation = operation;
}

function finish(resource: TcpResource, operation: Operation): void {
  if (resource.operation !== operation) throw new SocketError("not-in-progress");
  if (!resource.ready()) throw new SocketError("would-block");
  resource.operation = undefined;
}

/** A method with an address; its network is checked and not asked, since there is only one. */
function withEndpoint(operation: "bind" | "connect"): Function {
  return host(withAddress, (guest, memory) => (handle: number, network: number, ...rest: number[]) => {
    guest.handles.get<NetworkResource>(network, "network");
    const resource = tcpOf(guest, handle);
    const endpoint = flatEndpoint(guest, rest);
    answer(wasi2, memory, rest.at(-1)!, "byte", () =>
      begin(resource, operation, () => {
        if (operation === "bind") return resource.socket.bind(endpoint);
        return resource.socket.connect(endpoint, nothing);
      }),
    );
  });
}

/** A method whose only parameter is the socket and which answers nothing. */
function plain(act: (resource: TcpResource) => void): Function {
  return host("ii", (guest, memory) => (handle: number, result: number) => {
    const resource = tcpOf(guest, handle);
    answer(wasi2, memory, result, "byte", () => act(resource));
  });
}

/** Both directions of a connection, at `at`. */
function putStreams(guest: Guest, memory: GuestMemory, at: number, { connection }: TcpResource["socket"]): void {
  const input = guest.handles.add(new TcpInput(connection));
  const output = guest.handles.add(new TcpOutput(connection));
  memory.view.setUint32(at, input, true);
  memory.view.setUint32(at + 4, output, true);
}

function nothing(): void {}

const shutdownTypes = ["receive", "send", "both"];

/** https://github.com/WebAssembly/wasi-sockets/blob/main/TcpSocketOperationalSemantics.md */
export const tcp: Record<string, Function> = {
  ...tcpProperties(wasi2),
  "[method]tcp-socket.start-bind": withEndpoint("bind"),
  "[method]tcp-socket.finish-bind": plain((resource) => finish(resource, "bind")),
  "[method]tcp-socket.start-connect": withEndpoint("connect"),
  "[method]tcp-socket.finish-connect": host("ii", (guest, memory) => (handle: number, result: number) => {
    const resource = tcpOf(guest, handle);
    answer(
      wasi2,
      memory,
      result,
      "pair",
      () => {
        finish(resource, "connect");
        resource.socket.finishConnect();
        return resource.socket;
      },
      (at, socket) => putStreams(guest, memory, at, socket),
    );
  }),
  "[method]tcp-socket.start-listen": plain((resource) =>
    begin(resource, "listen", () => {
      // WASI 0.3 binds by itself.
      if (!resource.socket.isBound) throw new SocketError("invalid-state");
      resource.socket.listen();
    }),
  ),
  "[method]tcp-socket.finish-listen": plain((resource) => finish(resource, "listen")),
  "[method]tcp-socket.accept": host("ii", (guest, memory) => (handle: number, result: number) => {
    const resource = tcpOf(guest, handle);
    answer(
      wasi2,
      memory,
      result,
      "triple",
      () => {
        if (resource.operation !== undefined) throw new SocketError("invalid-state");
        const accepted = resource.socket.listener.accept();
        if (accepted === undefined) throw new SocketError("would-block");
        return accepted;
      },
      (at, accepted) => {
        memory.view.setUint32(at, guest.handles.add(new TcpResource(accepted)), true);
        putStreams(guest, memory, at + 4, accepted);
      },
    );
  }),
  "[method]tcp-socket.subscribe": host("i:i", (guest) => (handle: number) => {
    const resource = tcpOf(guest, handle);
    return guest.handles.add(new PollableOn(resource), handle);
  }),
  "[method]tcp-socket.shutdown": host("iii", (guest, memory) => (handle: number, place: number, result: number) => {
    const { socket } = tcpOf(guest, handle);
    const type = shutdownTypes[place];
    if (type === undefined) throw guest.fail("component-trapped", `there is no shutdown-type number ${place}`);
    answer(wasi2, memory, result, "byte", () => {
      const { source, sink } = socket.connection;
      if (type !== "send") source.close();
      if (type !== "receive") sink.end();
    });
  }),
};
