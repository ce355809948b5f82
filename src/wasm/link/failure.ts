import { BandstandError } from "../../foundation/errors/index.ts";

/** The component contradicts itself: an index, a name or a type that is not there. */
export function malformed(at: number, message: string): never {
  throw new BandstandError("component-malformed", `byte ${at}: ${message}`, {
    remedy: "Build the component again; if that gives the same, its toolchain is at fault.",
  });
}

/** The component is right, but uses what this host cannot do. */
export function unsupported(message: string, remedy: string): never {
  throw new BandstandError("component-unsupported", message, { remedy });
}

/** The entry of an index space, which must be there. */
export function entry<T>(space: readonly T[], index: number, what: string, at: number): T {
  if (index < space.length) return space[index]!;
  return malformed(at, `expected ${what} below ${space.length}, got ${index}`);
}
