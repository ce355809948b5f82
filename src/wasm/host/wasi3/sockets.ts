import { subtaskState } from "../../async/index.ts";
import { host, type Function, type HostInterface } from "../define.ts";
import { methodOfNone } from "../filesystem/index.ts";
import type { GuestMemory } from "../memory.ts";

/** A `result<…, error-code>` with `access-denied`, the first case of both kinds of error-code. */
function deny(memory: GuestMemory, result: number): void {
  const at = memory.at(result, 20, 4);
  memory.view.setUint8(at, 1);
  memory.view.setUint8(at + 4, 0);
}

/** Answers `access-denied` through the last parameter, whatever is asked for. */
function denied(signature: string): Function {
  return host(
    signature,
    (_, memory) =>
      (...args: number[]) =>
        deny(memory, args.at(-1)!),
  );
}

/** An asynchronous function, as both ways of taking it have it. */
function later(here: Function, asynchronous: Function): Function {
  return { ...here, async: asynchronous };
}

const lookUp = later(
  host("iii", (_, memory) => (_name: number, _size: number, result: number) => deny(memory, result)),
  host("iii:i", (_, memory) => (_name: number, _size: number, result: number) => {
    deny(memory, result);
    return subtaskState.returned;
  }),
);

/** Self, an `ip-socket-address` of twelve parts, result. */
const withAddress = "i".repeat(14);
const unlisted = {
  bind: withAddress,
  "get-local-address": "ii",
  "get-remote-address": "ii",
  "get-address-family": "i:i",
  "get-receive-buffer-size": "ii",
  "set-receive-buffer-size": "iIi",
  "get-send-buffer-size": "ii",
  "set-send-buffer-size": "iIi",
};

/** Methods by their flat signatures; where they are asynchronous, with that of an asynchronous lower behind. */
function methods(resource: string, signatures: Record<string, string | [string, string]>): Record<string, Function> {
  return Object.fromEntries(
    Object.entries(signatures).map(([name, signature]) => {
      const [plain, asynchronous] = typeof signature === "string" ? [signature] : signature;
      const here = methodOfNone(resource, plain);
      const found = asynchronous === undefined ? here : later(here, methodOfNone(resource, asynchronous));
      return [`[method]${resource}.${name}`, found];
    }),
  );
}

/**
 * https://github.com/WebAssembly/WASI/tree/main/proposals/sockets: everything denied, for guests that import it unused.
 * There is no socket, and so whatever handle a guest comes with is wrong.
 */
export const sockets: Record<string, HostInterface> = {
  "wasi:sockets/types": {
    functions: {
      "[static]tcp-socket.create": denied("ii"),
      ...methods("tcp-socket", {
        ...unlisted,
        connect: [withAddress, "ii:i"],
        listen: "ii",
        send: "ii:i",
        receive: "ii",
        "get-is-listening": "i:i",
        "set-listen-backlog-size": "iIi",
        "get-keep-alive-enabled": "ii",
        "set-keep-alive-enabled": "iii",
        "get-keep-alive-idle-time": "ii",
        "set-keep-alive-idle-time": "iIi",
        "get-keep-alive-interval": "ii",
        "set-keep-alive-interval": "iIi",
        "get-keep-alive-count": "ii",
        "set-keep-alive-count": "iii",
        "get-hop-limit": "ii",
        "set-hop-limit": "iii",
      }),
      "[static]udp-socket.create": denied("ii"),
      ...methods("udp-socket", {
        ...unlisted,
        connect: withAddress,
        disconnect: "ii",
        send: ["i".repeat(17), "ii:i"],
        receive: ["ii", "ii:i"],
        "get-unicast-hop-limit": "ii",
        "set-unicast-hop-limit": "iii",
      }),
    },
    resources: ["tcp-socket", "udp-socket"],
  },
  "wasi:sockets/ip-name-lookup": { functions: { "resolve-addresses": lookUp }, resources: [] },
};
