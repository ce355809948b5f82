import { host, type Function, type HostInterface } from "../define.ts";
import { methodOfNone } from "../filesystem/index.ts";
import { Resource } from "../handles.ts";

/** Stands for a network without anything in reach. */
class Network extends Resource {
  readonly kind = "network";
}

/** The case `access-denied` of error-code. */
const accessDenied = 1;

/** Answers `access-denied` through the last parameter, whatever is asked for. */
function denied(signature: string): Function {
  return host(signature, (_, memory) => (...args: number[]) => {
    const at = memory.at(args.at(-1)!, 8, 4);
    memory.view.setUint8(at, 1);
    memory.view.setUint8(at + 4, accessDenied);
  });
}

function methods(resource: string, signatures: Record<string, string>): Record<string, Function> {
  return Object.fromEntries(
    Object.entries(signatures).map(([name, signature]) => [
      `[method]${resource}.${name}`,
      methodOfNone(resource, signature),
    ]),
  );
}

/** Self, network, an `ip-socket-address` of twelve parts, result. */
const withAddress = "i".repeat(15);
const buffers = {
  "receive-buffer-size": "ii",
  "set-receive-buffer-size": "iIi",
  "send-buffer-size": "ii",
  "set-send-buffer-size": "iIi",
  subscribe: "i:i",
};

/** https://github.com/WebAssembly/wasi-sockets: everything denied, for guests that import it unused. */
export const sockets: Record<string, HostInterface> = {
  "wasi:sockets/network": {
    functions: {
      "network-error-code": host("ii", (guest, memory) => (error: number, result: number) => {
        guest.handles.get(error, "error");
        memory.view.setUint8(memory.at(result, 2), 0);
      }),
    },
    resources: ["network"],
  },
  "wasi:sockets/instance-network": {
    functions: { "instance-network": host(":i", (guest) => () => guest.handles.add(new Network())) },
    resources: [],
  },
  "wasi:sockets/ip-name-lookup": {
    functions: {
      "resolve-addresses": denied("iiii"),
      ...methods("resolve-address-stream", { "resolve-next-address": "ii", subscribe: "i:i" }),
    },
    resources: ["resolve-address-stream"],
  },
  "wasi:sockets/tcp-create-socket": { functions: { "create-tcp-socket": denied("ii") }, resources: [] },
  "wasi:sockets/udp-create-socket": { functions: { "create-udp-socket": denied("ii") }, resources: [] },
  "wasi:sockets/tcp": {
    functions: methods("tcp-socket", {
      "start-bind": withAddress,
      "finish-bind": "ii",
      "start-connect": withAddress,
      "finish-connect": "ii",
      "start-listen": "ii",
      "finish-listen": "ii",
      accept: "ii",
      "local-address": "ii",
      "remote-address": "ii",
      "is-listening": "i:i",
      "address-family": "i:i",
      "set-listen-backlog-size": "iIi",
      "keep-alive-enabled": "ii",
      "set-keep-alive-enabled": "iii",
      "keep-alive-idle-time": "ii",
      "set-keep-alive-idle-time": "iIi",
      "keep-alive-interval": "ii",
      "set-keep-alive-interval": "iIi",
      "keep-alive-count": "ii",
      "set-keep-alive-count": "iii",
      "hop-limit": "ii",
      "set-hop-limit": "iii",
      shutdown: "iii",
      ...buffers,
    }),
    resources: ["tcp-socket"],
  },
  "wasi:sockets/udp": {
    functions: {
      ...methods("udp-socket", {
        "start-bind": withAddress,
        "finish-bind": "ii",
        stream: withAddress,
        "local-address": "ii",
        "remote-address": "ii",
        "address-family": "i:i",
        "unicast-hop-limit": "ii",
        "set-unicast-hop-limit": "iii",
        ...buffers,
      }),
      ...methods("incoming-datagram-stream", { receive: "iIi", subscribe: "i:i" }),
      ...methods("outgoing-datagram-stream", { "check-send": "ii", send: "iiii", subscribe: "i:i" }),
    },
    resources: ["udp-socket", "incoming-datagram-stream", "outgoing-datagram-stream"],
  },
};
