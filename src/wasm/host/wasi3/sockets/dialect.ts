import { HostFuture } from "../../../async/index.ts";
import { SocketError, type SocketErrorCode } from "../../../sockets/index.ts";
import type { Element } from "../../contract.ts";
import type { GuestMemory } from "../../memory.ts";
import { putResult, type Told } from "../../results.ts";
import type { Dialect } from "../../sockets/dialect.ts";

/** The cases of `error-code` in order; whatever else there is comes as the last one, `other`, with its name. */
const codes: readonly SocketErrorCode[] = [
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "invalid-state",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-broken",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
];
/** The same for names. */
const resolverCodes: readonly SocketErrorCode[] = [
  "access-denied",
  "invalid-argument",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
];

/** Writes a variant of these cases with `other(option<string>)` behind. */
function toldAs(cases: readonly SocketErrorCode[]): Told<SocketError> {
  const put = (memory: GuestMemory, at: number, { code }: SocketError): void => {
    const place = cases.indexOf(code);
    memory.view.setUint8(at, place === -1 ? cases.length : place);
    if (place !== -1) return;
    memory.putText(at + 8, code);
    memory.view.setUint8(at + 4, 1);
  };
  return { kind: SocketError, put };
}

const small = { size: 20, align: 4, payload: 4 } as const;

export const wasi3: Dialect = {
  getter: "get-",
  layouts: {
    byte: small,
    number: small,
    large: { size: 24, align: 8, payload: 8 },
    pair: small,
    triple: small,
    endpoint: { size: 36, align: 4, payload: 4 },
  },
  told: toldAs(codes),
};

/** A received datagram with its sender. */
export const datagramLayout = { size: 44, align: 4, payload: 4 } as const;

const resolverTold = toldAs(resolverCodes);

/** Writes a `result<list<…>, error-code>` of a lookup. */
export function answerLookup<T>(
  memory: GuestMemory,
  result: number,
  act: () => T,
  put: (at: number, value: T) => void,
): void {
  putResult(small, resolverTold, memory, result, act, put);
}

/** A `result<_, error-code>`, as futures have it. */
export const doneElement: Element = { size: small.size, align: small.align, plain: false };

/** Tells a guest how a direction of a connection ended. */
export class Done extends HostFuture<SocketError | undefined> {
  constructor() {
    super(doneElement);
  }

  protected override put(memory: GuestMemory, at: number, error: SocketError | undefined): void {
    memory.view.setUint8(at, error === undefined ? 0 : 1);
    if (error !== undefined) wasi3.told.put(memory, at + small.payload, error);
  }
}
