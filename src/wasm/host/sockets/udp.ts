import { SocketError, type Datagram, type Endpoint } from "../../sockets/index.ts";
import { host, type Function } from "../define.ts";
import type { Guest } from "../guest.ts";
import { lengthOf, PollableOn } from "../io/index.ts";
import type { GuestMemory } from "../memory.ts";
import { IncomingDatagrams, NetworkResource, OutgoingDatagrams } from "./resources.ts";
import { answer } from "../results.ts";
import { wasi2 } from "./dialect.ts";
import { udpOf, udpProperties } from "./properties.ts";
import { withAddress } from "./tcp.ts";
import { endpointAt, flatEndpoint, putEndpoint } from "./values.ts";

/** Datagrams of one call, both ways, and bytes that one call receives before it is enough. */
const most = { datagrams: 16, bytes: 64 << 10 };
/** A list of bytes and an address. */
const incomingSize = 40;
/** The address is optional. */
const outgoingSize = 44;

function receive({ socket }: IncomingDatagrams, limit: number): Datagram[] {
  const found: Datagram[] = [];
  let size = 0;
  while (found.length < Math.min(limit, most.datagrams) && size < most.bytes) {
    // What went wrong is told when there is nothing else to tell.
    if (found.length > 0 && !socket.hasDatagram) break;
    const next = socket.receive();
    if (next === undefined) break;
    found.push(next);
    size += next.data.length;
  }
  return found;
}

function putDatagrams(memory: GuestMemory, at: number, datagrams: readonly Datagram[]): void {
  const list = memory.allocate(datagrams.length * incomingSize, 4);
  for (const [i, { data, remote }] of datagrams.entries()) {
    memory.putBytes(list + i * incomingSize, data);
    putEndpoint(memory, list + i * incomingSize + 8, remote);
  }
  memory.view.setUint32(at, list, true);
  memory.view.setUint32(at + 4, datagrams.length, true);
}

/** An `outgoing-datagram`; its bytes are those of the guest's memory. */
function outgoingAt(guest: Guest, memory: GuestMemory, at: number): { data: Buffer; to: Endpoint | undefined } {
  const { view } = memory;
  const data = memory.slice(view.getUint32(at, true), view.getUint32(at + 4, true));
  return { data, to: view.getUint8(at + 8) === 0 ? undefined : endpointAt(guest, memory, at + 12) };
}

function sendAll(
  { socket }: OutgoingDatagrams,
  datagrams: readonly { data: Buffer; to: Endpoint | undefined }[],
): number {
  if (datagrams.length > 0) socket.checkFailure();
  let sent = 0;
  for (const { data, to } of datagrams) {
    if (!socket.hasRoom) break;
    try {
      socket.send(data, to);
    } catch (error) {
      // The rest was not tried: the guest comes again and is told then.
      if (sent === 0 || !(error instanceof SocketError)) throw error;
      break;
    }
    sent++;
  }
  return sent;
}

function subscribe(kind: "incoming-datagram-stream" | "outgoing-datagram-stream"): Function {
  return host("i:i", (guest) => (handle: number) => {
    const stream = guest.handles.get<IncomingDatagrams | OutgoingDatagrams>(handle, kind);
    return guest.handles.add(new PollableOn(stream), handle);
  });
}

/** None of what a socket itself does takes time. */
const always = { ready: () => true };

/** https://github.com/WebAssembly/wasi-sockets/blob/main/UdpSocketOperationalSemantics.md */
export const udp: Record<string, Function> = {
  ...udpProperties(wasi2),
  "[method]udp-socket.start-bind": host(
    withAddress,
    (guest, memory) =>
      (handle: number, network: number, ...rest: number[]) => {
        guest.handles.get<NetworkResource>(network, "network");
        const resource = udpOf(guest, handle);
        const local = flatEndpoint(guest, rest);
        answer(wasi2, memory, rest.at(-1)!, "byte", () => {
          if (resource.isBinding) throw new SocketError("concurrency-conflict");
          resource.socket.bind(local);
          resource.isBinding = true;
        });
      },
  ),
  "[method]udp-socket.finish-bind": host("ii", (guest, memory) => (handle: number, result: number) => {
    const resource = udpOf(guest, handle);
    answer(wasi2, memory, result, "byte", () => {
      if (!resource.isBinding) throw new SocketError("not-in-progress");
      resource.isBinding = false;
    });
  }),
  "[method]udp-socket.stream": host(
    withAddress,
    (guest, memory) =>
      (handle: number, some: number, ...rest: number[]) => {
        const resource = udpOf(guest, handle);
        const { socket, shared } = resource;
        const remote = some === 0 ? undefined : flatEndpoint(guest, rest);
        answer(
          wasi2,
          memory,
          rest.at(-1)!,
          "pair",
          () => {
            if (!socket.isBound || resource.isBinding) throw new SocketError("invalid-state");
            if (remote !== undefined) socket.connect(remote);
            else if (socket.isConnected) socket.disconnect();
            shared.round++;
          },
          (at) => {
            const incoming = guest.handles.add(new IncomingDatagrams(shared));
            const outgoing = guest.handles.add(new OutgoingDatagrams(shared));
            memory.view.setUint32(at, incoming, true);
            memory.view.setUint32(at + 4, outgoing, true);
          },
        );
      },
  ),
  "[method]udp-socket.subscribe": host("i:i", (guest) => (handle: number) => {
    udpOf(guest, handle);
    return guest.handles.add(new PollableOn(always), handle);
  }),
  "[method]incoming-datagram-stream.receive": host(
    "iIi",
    (guest, memory) => (handle: number, limit: bigint, result: number) => {
      const stream = guest.handles.get<IncomingDatagrams>(handle, "incoming-datagram-stream");
      answer(
        wasi2,
        memory,
        result,
        "pair",
        () => receive(stream, lengthOf(limit)),
        (at, found) => putDatagrams(memory, at, found),
      );
    },
  ),
  "[method]incoming-datagram-stream.subscribe": subscribe("incoming-datagram-stream"),
  "[method]outgoing-datagram-stream.check-send": host("ii", (guest, memory) => (handle: number, result: number) => {
    const stream = guest.handles.get<OutgoingDatagrams>(handle, "outgoing-datagram-stream");
    answer(
      wasi2,
      memory,
      result,
      "large",
      () => {
        stream.socket.checkFailure();
        return (stream.permit = stream.socket.hasRoom ? most.datagrams : 0);
      },
      (at, permit) => memory.view.setBigUint64(at, BigInt(permit), true),
    );
  }),
  "[method]outgoing-datagram-stream.send": host(
    "iiii",
    (guest, memory) => (handle: number, pointer: number, length: number, result: number) => {
      const stream = guest.handles.get<OutgoingDatagrams>(handle, "outgoing-datagram-stream");
      const count = length >>> 0;
      if (count > stream.permit) {
        throw guest.fail("component-trapped", `sent ${count} datagrams where check-send allowed ${stream.permit}`);
      }
      const at = memory.from(pointer, count * outgoingSize, 4);
      const datagrams = Array.from({ length: count }, (_, i) => outgoingAt(guest, memory, at + i * outgoingSize));
      if (count > 0) stream.permit = 0;
      answer(
        wasi2,
        memory,
        result,
        "large",
        () => sendAll(stream, datagrams),
        (place, sent) => memory.view.setBigUint64(place, BigInt(sent), true),
      );
    },
  ),
  "[method]outgoing-datagram-stream.subscribe": subscribe("outgoing-datagram-stream"),
};
