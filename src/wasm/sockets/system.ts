import type { Server, Socket } from "node:net";
import type { Family } from "./endpoint.ts";

/** Options of TCP sockets that the system has and Node has no functions for. */
export type SystemOption = "hop-limit" | "receive" | "send";

interface Functions {
  setsockopt(descriptor: number, level: number, name: number, value: Uint8Array, size: number): number;
  getsockopt(descriptor: number, level: number, name: number, value: Uint8Array, size: Uint8Array): number;
}

/** Numbers of Linux, which are the same wherever Node runs on it: level and name. */
const numbers: Record<SystemOption, Record<Family, readonly [level: number, name: number]>> = {
  "hop-limit": { ipv4: [0, 2], ipv6: [41, 16] },
  receive: { ipv4: [1, 8], ipv6: [1, 8] },
  send: { ipv4: [1, 7], ipv6: [1, 7] },
};
const integer = { return: "int32", arguments: ["int32", "int32", "int32", "buffer"] } as const;

let functions: Functions | "none" | undefined;

/** Whether there is a way to set them here: the system is Linux, and Node lets us call its functions (`node:ffi`, experimental). */
export function hasSystemOptions(): boolean {
  return found() !== undefined;
}

/** Undefined where the system does not say, or there is no way to ask. */
export function systemOption(descriptor: number, family: Family, option: SystemOption): number | undefined {
  const [value, size] = [new Int32Array(1), new Int32Array([4])];
  const [level, name] = numbers[option][family];
  const code = found()?.getsockopt(descriptor, level, name, bytesOf(value), bytesOf(size));
  return code === 0 ? value[0] : undefined;
}

/** Whether the system took it. */
export function setSystemOption(descriptor: number, family: Family, option: SystemOption, value: number): boolean {
  const [level, name] = numbers[option][family];
  return found()?.setsockopt(descriptor, level, name, bytesOf(new Int32Array([value])), 4) === 0;
}

/** The number that the system knows an open socket by; undefined: it is closed. */
export function descriptorOf(socket: Socket | Server): number | undefined {
  // What Node calls the underlying handle of whatever it lets others listen on.
  const descriptor = (socket as { _handle?: { fd?: number } | null })._handle?.fd;
  return descriptor !== undefined && descriptor >= 0 ? descriptor : undefined;
}

function found(): Functions | undefined {
  functions ??= load() ?? "none";
  return functions === "none" ? undefined : functions;
}

function load(): Functions | undefined {
  if (process.platform !== "linux") return undefined;
  const { emitWarning } = process;
  // That it is experimental is known, and nothing to tell a user who runs a guest.
  process.emitWarning = () => {};
  try {
    const ffi = process.getBuiltinModule("node:ffi");
    const definitions = {
      setsockopt: { ...integer, arguments: [...integer.arguments, "uint32"] },
      getsockopt: { ...integer, arguments: [...integer.arguments, "buffer"] },
    } as const;
    // Of this process itself: every C library has them.
    return ffi.dlopen(null, definitions).functions as unknown as Functions;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function bytesOf({ buffer }: Int32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer);
}
