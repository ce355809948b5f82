import type { Socket } from "node:net";

/** A write that goes on: it tells when it is over, with 0 or a negative error number. */
export interface Dispatched {
  oncomplete?: (status: number) => void;
  /** Set where it was over before `oncomplete` was. */
  writeStatus?: number | null;
  /** Keeps what is written alive until then. */
  buffer?: unknown;
}

/** A method of a handle that writes. */
type Write<T> = (this: object, request: null, content: T) => number | Dispatched;

/**
 * What writes below `net.Socket`. Answers 0 where all is with the kernel, a negative error number where nothing is, or
 * a write that goes on. The methods are looked up once: handles that were watched are of another form than all others, and looking into
 * them costs V8 a hundred instructions each time.
 */
export class WritingHandle {
  readonly own: object;
  readonly #writeText: Write<string>;
  readonly #writeBytes: Write<Uint8Array>;

  constructor(own: object, { writeLatin1String, writeBuffer }: Methods) {
    this.own = own;
    this.#writeText = writeLatin1String;
    this.#writeBytes = writeBuffer;
  }

  writeText(text: string): number | Dispatched {
    return this.#writeText.call(this.own, null, text);
  }

  writeBytes(bytes: Uint8Array): number | Dispatched {
    return this.#writeBytes.call(this.own, null, bytes);
  }
}

interface Methods {
  writeLatin1String: Write<string>;
  writeBuffer: Write<Uint8Array>;
}

type Method = keyof Methods;

/**
 * Whether this Node calls a method of the handle as we mean to. Its form has no promise, and called in another one it
 * ends the process; so Node itself is watched while it writes, once a thread, before we do it the same way.
 */
const known: Record<Method, boolean | undefined> = { writeLatin1String: undefined, writeBuffer: undefined };

/** The handle below a socket that writes; undefined where there is none of the kind. */
export function handleOf(socket: Socket): WritingHandle | undefined {
  const { _handle: handle } = socket as { _handle?: Partial<Methods> | null };
  if (handle == null) return undefined;
  const { writeLatin1String, writeBuffer } = handle;
  if (typeof writeLatin1String !== "function" || typeof writeBuffer !== "function") return undefined;
  return new WritingHandle(handle, { writeLatin1String, writeBuffer });
}

/** Whether texts may be written by us. */
export function mayWriteText(): boolean {
  return known.writeLatin1String === true;
}

/** Whether bytes may be written by us. */
export function mayWriteBytes(): boolean {
  return known.writeBuffer === true;
}

/** Calls `write`, which has a socket write once through its handle, and learns from how Node calls that. */
export function learning<T>(handle: WritingHandle, method: Method, write: () => T): T {
  if (known[method] !== undefined) return write();
  const own = handle.own as Record<Method, ((...args: unknown[]) => unknown) | undefined>;
  const original = own[method] as (...args: unknown[]) => unknown;
  own[method] = (...args) => {
    const result: unknown = original.apply(own, args);
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
