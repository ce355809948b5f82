import { SocketError } from "../../sockets/index.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import type { Guest } from "../guest.ts";
import type { Resource } from "../handles.ts";
import { PollableOn, type IoError } from "../io/index.ts";
import { AddressStream, NetworkResource, networkOf, TcpResource, UdpResource } from "./resources.ts";
import { answer, putResult } from "../results.ts";
import { numberOf, wasi2 } from "./dialect.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";
import { familyOf, putAddress } from "./values.ts";

/** A `result<option<ip-address>, error-code>`. */
const optionalAddress = { size: 22, align: 2, payload: 2 } as const;

/** Makes a resource and answers its handle. */
function create(make: (guest: Guest, place: number) => Resource): Function {
  return host("ii", (guest, memory) => (place: number, result: number) => {
    answer(
      wasi2,
      memory,
      result,
      "number",
      () => make(guest, place),
      (at, made) => memory.view.setUint32(at, guest.handles.add(made), true),
    );
  });
}

/**
 * https://github.com/WebAssembly/wasi-sockets: what a command was granted of the network. Under the gateway nothing is:
 * components get `access-denied`, and are there all the same that import it unused.
 */
export const sockets: Record<string, HostInterface> = {
  "wasi:sockets/network": {
    functions: {
      "network-error-code": host("ii", (guest, memory) => (error: number, result: number) => {
        const { cause } = guest.handles.get<IoError>(error, "error");
        const at = memory.at(result, 2);
        const isNetworks = cause instanceof SocketError;
        memory.view.setUint8(at, Number(isNetworks));
        if (isNetworks) memory.view.setUint8(at + 1, numberOf(cause.code));
      }),
    },
    resources: ["network"],
  },
  "wasi:sockets/instance-network": {
    functions: { "instance-network": host(":i", (guest) => () => guest.handles.add(new NetworkResource())) },
    resources: [],
  },
  "wasi:sockets/ip-name-lookup": {
    functions: {
      "resolve-addresses": host(
        "iiii",
        (guest, memory) => (network: number, pointer: number, size: number, result: number) => {
          guest.handles.get<NetworkResource>(network, "network");
          const name = memory.text(pointer, size);
          answer(
            wasi2,
            memory,
            result,
            "number",
            () => {
              const stream = new AddressStream();
              networkOf(guest).lookup(name, (found) => (stream.found = found));
              return stream;
            },
            (at, stream) => memory.view.setUint32(at, guest.handles.add(stream), true),
          );
        },
      ),
      "[method]resolve-address-stream.resolve-next-address": host(
        "ii",
        (guest, memory) => (handle: number, result: number) => {
          const stream = guest.handles.get<AddressStream>(handle, "resolve-address-stream");
          putResult(
            optionalAddress,
            wasi2.told,
            memory,
            result,
            () => {
              if (stream.found === undefined) throw new SocketError("would-block");
              if (stream.found instanceof SocketError) throw stream.found;
              return stream.found[stream.taken++];
            },
            (at, address) => {
              memory.view.setUint8(at, Number(address !== undefined));
              if (address !== undefined) putAddress(memory, at + 2, address);
            },
          );
        },
      ),
      "[method]resolve-address-stream.subscribe": host("i:i", (guest) => (handle: number) => {
        const stream = guest.handles.get<AddressStream>(handle, "resolve-address-stream");
        return guest.handles.add(new PollableOn(stream), handle);
      }),
    },
    resources: ["resolve-address-stream"],
  },
  "wasi:sockets/tcp-create-socket": {
    functions: {
      "create-tcp-socket": create((guest, place) => TcpResource.create(guest, familyOf(guest, place))),
    },
    resources: [],
  },
  "wasi:sockets/udp-create-socket": {
    functions: {
      "create-udp-socket": create((guest, place) => UdpResource.create(guest, familyOf(guest, place))),
    },
    resources: [],
  },
  "wasi:sockets/tcp": { functions: tcp, resources: ["tcp-socket"] },
  "wasi:sockets/udp": {
    functions: udp,
    resources: ["udp-socket", "incoming-datagram-stream", "outgoing-datagram-stream"],
  },
};
