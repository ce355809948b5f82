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

/** Names that are listed when all of them are refused. */
const mostNames = 8;
/** A name may be as long as the file. */
const longestName = 100;

/** Names for a message, the first of them where they are many. */
export function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, mostNames)
    .map((name) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name));
  const more = names.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Names of functions as `interface#function`: by their interfaces where they are more than are listed. */
export function listedFunctions(names: readonly string[]): string {
  if (names.length <= mostNames) return listed(names);
  const counts = new Map<string, number>();
  for (const name of names) {
    const from = name.split("#")[0]!;
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return listed([...counts].map(([from, count]) => `${from} (${count} function${count === 1 ? "" : "s"})`));
}

/** For a message: what a component exports instead of what was looked for, by its interfaces (`exportKey`). */
export function exportedInstead(keys: readonly string[]): string {
  const interfaces = [...new Set(keys.map((key) => key.split("#")[0]!))];
  return interfaces.length === 0 ? "" : `, only ${listed(interfaces)}`;
}
