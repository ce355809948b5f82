import type { Socket } from "node:net";

/** A write that goes on: it tells when it is over, with 0 or a negative error number. */
export interface Dispatched {
  oncomplete?: (status: number) => void;
  /** Set where it was over before `oncomplete` was. */
  writeStatus?: number | null;
  /** Keeps what is written alive until then. */
  buffer?: unknown;
}

/**
 * What writes below `net.Socket`. Answers 0 where all is with the kernel, a negative error number where nothing is, or
 * a write that goes on.
 */
export interface WritingHandle {
  writeLatin1String(request: null, text: string): number | Dispatched;
  writeBuffer(request: null, bytes: Uint8Array): number | Dispatched;
}

type Method = keyof WritingHandle;

/**
 * Whether this Node calls a method of the handle as we mean to. Its form has no promise, and called in another one it
 * ends the process; so Node itself is watched while it writes, once a thread, before we do it the same way.
 */
const known: Record<Method, boolean | undefined> = { writeLatin1String: undefined, writeBuffer: undefined };

/** The handle below a socket that writes; undefined where there is none of the kind. */
export function handleOf(socket: Socket): WritingHandle | undefined {
  const { _handle: handle } = socket as { _handle?: Partial<Record<Method, unknown>> | null };
  if (handle == null) return undefined;
  const { writeLatin1String, writeBuffer } = handle;
  return typeof writeLatin1String === "function" && typeof writeBuffer === "function"
    ? (handle as unknown as WritingHandle)
    : undefined;
}

/** Whether a method may be called by us. */
export function mayCall(method: Method): boolean {
  return known[method] === true;
}

/** Calls `write`, which has a socket write once through its handle, and learns from how Node calls that. */
export function learning<T>(handle: WritingHandle, method: Method, write: () => T): T {
  if (known[method] !== undefined) return write();
  const own = handle as unknown as Record<Method, ((...args: unknown[]) => unknown) | undefined>;
  const original = own[method] as (...args: unknown[]) => unknown;
  own[method] = (...args) => {
    const result: unknown = original.apply(handle, args);
    // A write that goes on shows nothing of the form for those that do not.
    if (args[0] !== null) known[method] = false;
    else if (typeof result === "number") known[method] = true;
    return result;
  };
  try {
    return write();
  } finally {
    delete own[method];
  }
}
