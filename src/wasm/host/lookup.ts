import type { HostLookup } from "../link/index.ts";
import { droppedKind, hostFunction, loadFamilies } from "./known.ts";
import { draftRefusal } from "./wasi3/drafts.ts";

/** What the linker asks when it prepares a component, of interfaces that are loaded. */
export const hostLookup: HostLookup = (use) => {
  const refusal = draftRefusal(use.interface, use.version);
  if (refusal !== undefined) return { refusal };
  if (use.kind === "function") return hostFunction(use);
  return droppedKind(use) === undefined ? undefined : { params: ["i32"], results: [] };
};

/** Above so many bytes, looking for names takes longer than loading all interfaces. */
const mostLooked = 1 << 20;

/**
 * Loads the interfaces that a module or component may import: those whose names stand anywhere in it. All of them take a
 * command that is run for the first time a quarter of its time.
 */
export async function loadNamed(bytes: Uint8Array): Promise<void> {
  if (bytes.length > mostLooked) return void (await import("./index.ts"));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const found = text.matchAll(/(wasi:[a-z-]+\/[a-z0-9-]+)(?:@([0-9a-z.-]+))?|wasi_(?:snapshot_preview1|unstable)/g);
  await loadFamilies(found.map(([whole, name = whole, version = ""]) => ({ interface: name, version })).toArray());
}
