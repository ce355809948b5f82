import { Call } from "../../../async/index.ts";
import { SocketError, type Endpoint } from "../../../sockets/index.ts";
import { host, type Function, type HostInterface } from "../../define.ts";
import type { Guest } from "../../guest.ts";
import type { GuestMemory } from "../../memory.ts";
import { answer, putResult } from "../../results.ts";
import { tcpOf, tcpProperties, udpOf, udpProperties } from "../../sockets/properties.ts";
import { networkOf, TcpResource, UdpResource } from "../../sockets/resources.ts";
import { endpointAt, familyOf, flatEndpoint, putAddress, putEndpoint } from "../../sockets/values.ts";
import { putHandles, takeStream } from "../hand-over.ts";
import { later } from "../later.ts";
import { laterWith } from "./calls.ts";
import { answerLookup, datagramLayout, wasi3 } from "./dialect.ts";
import { accept, addFuture, receive, send } from "./streams.ts";

/** Self, an `ip-socket-address` of twelve parts, result. */
const withAddress = "i".repeat(14);
/** Bytes of an `ip-address` in a list. */
const addressSize = 18;

function create(make: (guest: Guest, place: number) => TcpResource | UdpResource): Function {
  return host("ii", (guest, memory) => (place: number, result: number) => {
    answer(
      wasi3,
      memory,
      result,
      "number",
      () => make(guest, place),
      (at, made) => memory.view.setUint32(at, guest.handles.add(made), true),
    );
  });
}

/** A method with an address that is done at once and answers nothing. */
function withEndpoint(act: (guest: Guest, handle: number, endpoint: Endpoint) => void): Function {
  return host(withAddress, (guest, memory) => (handle: number, ...rest: number[]) => {
    const endpoint = flatEndpoint(guest, rest);
    answer(wasi3, memory, rest.at(-1)!, "byte", () => act(guest, handle, endpoint));
  });
}

/** Finishes a call whose result is nothing, or an error. */
function finish(call: Call, memory: GuestMemory, result: number, error: SocketError | undefined): void {
  call.finish(() =>
    answer(wasi3, memory, result, "byte", () => {
      if (error !== undefined) throw error;
    }),
  );
}

/** Begins something; what it refuses at once is the answer. */
function attempt(call: Call, act: () => void, refuse: (error: SocketError) => void): Call {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    refuse(error);
  }
  return call;
}

const tcp: Record<string, Function> = {
  ...tcpProperties(wasi3),
  "[static]tcp-socket.create": create((guest, place) => TcpResource.create(guest, familyOf(guest, place))),
  "[method]tcp-socket.bind": withEndpoint((guest, handle, local) => tcpOf(guest, handle).socket.bind(local)),
  "[method]tcp-socket.connect": laterWith(
    {
      flat: 13,
      size: 36,
      ofFlat: (guest, _, [handle = 0, ...rest]) => ({ handle, remote: flatEndpoint(guest, rest) }),
      at: (guest, memory, at) => ({
        handle: memory.view.getInt32(at, true),
        remote: endpointAt(guest, memory, at + 4),
      }),
    },
    (guest, memory, { handle, remote }, result) => {
      const { socket } = tcpOf(guest, handle);
      const call = new Call();
      const over = (): void => {
        let failure: SocketError | undefined;
        try {
          socket.finishConnect();
        } catch (error) {
          failure = error as SocketError;
        }
        finish(call, memory, result, failure);
      };
      call.onCancel(() => socket.destroy());
      return attempt(
        call,
        () => socket.connect(remote, over),
        (error) => finish(call, memory, result, error),
      );
    },
  ),
  "[method]tcp-socket.listen": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { socket } = tcpOf(guest, handle);
    answer(
      wasi3,
      memory,
      result,
      "number",
      () => socket.listen(),
      (at, listener) => memory.view.setUint32(at, accept(guest, listener), true),
    );
  }),
  "[method]tcp-socket.send": host("ii:i", (guest) => (handle: number, stream: number) => {
    const resource = tcpOf(guest, handle);
    return addFuture(guest, send(guest, resource, takeStream(guest, stream)));
  }),
  "[method]tcp-socket.receive": host("ii", (guest, memory) => (handle: number, result: number) => {
    putHandles(memory, result, ...receive(guest, tcpOf(guest, handle)));
  }),
};

interface Sending {
  handle: number;
  data: Buffer;
  to: Endpoint | undefined;
}

const udp: Record<string, Function> = {
  ...udpProperties(wasi3),
  "[static]udp-socket.create": create((guest, place) => UdpResource.create(guest, familyOf(guest, place))),
  "[method]udp-socket.bind": withEndpoint((guest, handle, local) => udpOf(guest, handle).socket.bind(local)),
  "[method]udp-socket.connect": withEndpoint((guest, handle, remote) => udpOf(guest, handle).socket.connect(remote)),
  "[method]udp-socket.disconnect": host("ii", (guest, memory) => (handle: number, result: number) => {
    const { socket } = udpOf(guest, handle);
    answer(wasi3, memory, result, "byte", () => socket.disconnect());
  }),
  "[method]udp-socket.send": laterWith<Sending>(
    {
      flat: 16,
      size: 48,
      ofFlat: (guest, memory, [handle = 0, pointer = 0, size = 0, some, ...rest]) => ({
        handle,
        data: memory.slice(pointer, size),
        to: some === 0 ? undefined : flatEndpoint(guest, rest),
      }),
      at: (guest, memory, at) => ({
        handle: memory.view.getInt32(at, true),
        data: memory.slice(memory.view.getUint32(at + 4, true), memory.view.getUint32(at + 8, true)),
        to: memory.view.getUint8(at + 12) === 0 ? undefined : endpointAt(guest, memory, at + 16),
      }),
    },
    (guest, memory, { handle, data, to }, result) => {
      const { socket } = udpOf(guest, handle);
      const call = new Call();
      return attempt(
        call,
        () => socket.send(data, to, (error) => finish(call, memory, result, error)),
        (error) => finish(call, memory, result, error),
      );
    },
  ),
  "[method]udp-socket.receive": later("ii", (guest, memory) => (handle: number, result: number) => {
    const resource = udpOf(guest, handle);
    const call = new Call();
    const take = (): boolean => {
      if (call.isDone) return true;
      if (resource.socket.isBound && !resource.socket.hasSomething) return false;
      let found: (() => ReturnType<UdpResource["socket"]["take"]>) | undefined;
      try {
        const datagram = resource.socket.take();
        found = () => datagram;
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        found = () => {
          throw error;
        };
      }
      const read = found;
      call.finish(() =>
        putResult(datagramLayout, wasi3.told, memory, result, read, (at, { data, remote }) => {
          memory.putBytes(at, data);
          putEndpoint(memory, at + 8, remote);
        }),
      );
      return true;
    };
    if (!take()) resource.whenChanged(take);
    return call;
  }),
};

/**
 * https://github.com/WebAssembly/WASI/tree/main/proposals/sockets: what a command was granted of the network. Under the
 * gateway nothing is: components get `access-denied`, and are there all the same that import it unused.
 */
export const sockets: Record<string, HostInterface> = {
  "wasi:sockets/types": { functions: { ...tcp, ...udp }, resources: ["tcp-socket", "udp-socket"] },
  "wasi:sockets/ip-name-lookup": {
    functions: {
      "resolve-addresses": later("iii", (guest, memory) => (pointer: number, size: number, result: number) => {
        const name = memory.text(pointer, size);
        const call = new Call();
        const finishWith = (found: readonly string[] | SocketError): void => {
          const read = (): readonly string[] => {
            if (found instanceof SocketError) throw found;
            return found;
          };
          call.finish(() => answerLookup(memory, result, read, (at, addresses) => putAddresses(memory, at, addresses)));
        };
        return attempt(call, () => networkOf(guest).lookup(name, finishWith), finishWith);
      }),
    },
    resources: [],
  },
};

function putAddresses(memory: GuestMemory, at: number, addresses: readonly string[]): void {
  const list = memory.allocate(addresses.length * addressSize, 2);
  for (const [i, address] of addresses.entries()) putAddress(memory, list + i * addressSize, address);
  memory.view.setUint32(at, list, true);
  memory.view.setUint32(at + 4, addresses.length, true);
}
