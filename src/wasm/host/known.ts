import type { HostUse, InterfaceUse } from "./contract.ts";
import type { Function, HostInterface } from "./define.ts";

type Named = Pick<InterfaceUse, "interface" | "version">;
type Interfaces = Readonly<Record<string, HostInterface>>;

/** Every family of interfaces, by how the names in it begin. */
const families: Record<string, () => Promise<Interfaces>> = {
  "wasi:cli": async () => (await import("./cli/index.ts")).cli,
  "wasi:clocks": async () => (await import("./clocks/index.ts")).clocks,
  "wasi:config": async () => (await import("./config/index.ts")).config,
  "wasi:filesystem": async () => (await import("./filesystem/index.ts")).filesystem,
  "wasi:http": async () => (await import("./http/index.ts")).http,
  "wasi:io": async () => (await import("./io/index.ts")).io,
  "wasi:keyvalue": async () => (await import("./keyvalue/index.ts")).keyvalue,
  "wasi:logging": async () => (await import("./logging/index.ts")).logging,
  "wasi:random": async () => (await import("./random/index.ts")).random,
  "wasi:sockets": async () => (await import("./sockets/index.ts")).sockets,
  env: async () => (await import("./preview1/index.ts")).preview1,
  wasi_snapshot_preview1: async () => (await import("./preview1/index.ts")).preview1,
  wasi_unstable: async () => (await import("./preview1/index.ts")).preview1,
};
const wasi3 = "0.3.";
/** Those that are others in WASI 0.3. */
const families3: Record<string, () => Promise<Interfaces>> = {
  "wasi:cli": async () => (await import("./wasi3/cli.ts")).cli,
  "wasi:clocks": async () => (await import("./wasi3/clocks.ts")).clocks,
  "wasi:filesystem": async () => (await import("./wasi3/filesystem/index.ts")).filesystem,
  "wasi:http": async () => (await import("./wasi3/http.ts")).http,
  "wasi:random": async () => (await import("./wasi3/random.ts")).random,
  "wasi:sockets": async () => (await import("./wasi3/sockets/index.ts")).sockets,
};
const interfaces: Record<string, HostInterface> = {};
const interfaces3: Record<string, HostInterface> = {};
/** All resource types. An interface may pass on those of another by its own name, so that they are looked up without it. */
const resources = new Map<string, string>();
const otherNames: Record<string, string> = { headers: "fields", trailers: "fields" };
const loaded = new Set<string>();
/** Loaded interfaces by name and version, as components name them: the next one names the same. */
const met = new Map<string, Map<string, HostInterface>>();
/** Of one interface. Versions are what components say, who can say anything. */
const mostVersions = 32;

/** Loads the interfaces that a component imports, and no others: all of them cost a short command half of its time. */
export function loadInterfaces(uses: readonly HostUse[]): Promise<void> {
  return loadFamilies(uses.filter((use) => use.kind !== "built-in"));
}

/** Loads what belongs to these interfaces; of what is not known, nothing. */
export async function loadFamilies(named: readonly Named[]): Promise<void> {
  if (loaded.has("wasi:io") && named.every(isMet)) return;
  const wanted = new Set(named.map(familyOf));
  // Its resources are passed on by others, and dropped by their names.
  if (wanted.values().some((family) => family.startsWith("wasi:"))) wanted.add("wasi:io");
  for (const family of wanted) {
    if (loaded.has(family)) continue;
    if (family.startsWith(wasi3)) know((await families3[family.slice(wasi3.length)]?.()) ?? {}, true);
    else know((await families[family]?.()) ?? {});
    loaded.add(family);
  }
}

/** How its names begin, behind the version where that makes it another. */
function familyOf({ interface: name, version }: Named): string {
  const [family = name] = name.split("/", 1);
  return version.startsWith(wasi3) ? wasi3 + family : family;
}

/** Makes interfaces known. @param isWasi3 they are those of WASI 0.3. */
export function know(family: Interfaces, isWasi3 = false): void {
  Object.assign(isWasi3 ? interfaces3 : interfaces, family);
  met.clear();
  for (const each of Object.values(family)) for (const kind of each.resources) resources.set(kind, kind);
}

function isMet({ interface: name, version }: Named): boolean {
  return met.get(name)?.has(version) === true;
}

function interfaceOf({ interface: name, version }: InterfaceUse): HostInterface | undefined {
  let versions = met.get(name);
  const known = versions?.get(version);
  if (known !== undefined) return known;
  const found = find(name, version);
  if (found === undefined) return undefined;
  if (versions === undefined || versions.size === mostVersions) met.set(name, (versions = new Map()));
  versions.set(version, found);
  return found;
}

/** Of 0.2 all that is not 0.3, with a version or without. What is another in one version stands by its whole name. */
function find(name: string, version: string): HostInterface | undefined {
  const found = version.startsWith(wasi3) ? interfaces3 : interfaces;
  const whole = `${name}@${version}`;
  return Object.hasOwn(found, whole) ? found[whole] : Object.hasOwn(found, name) ? found[name] : undefined;
}

/** The kind of resource that a drop is for; undefined: none of ours. */
export function droppedKind(use: InterfaceUse & { kind: "drop" }): string | undefined {
  // The constant itself, and not what reads alike in a file: comparing the same object is quickest.
  const kind = resources.get(otherNames[use.resource] ?? use.resource);
  return interfaceOf(use) !== undefined ? kind : undefined;
}

/** The function of the host that a component imports; undefined: there is none. */
export function hostFunction(use: InterfaceUse & { kind: "function" }): Function | undefined {
  const functions = interfaceOf(use)?.functions;
  const found = functions !== undefined && Object.hasOwn(functions, use.name) ? functions[use.name] : undefined;
  return use.async ? found?.async : found;
}
