import { fromGroups, groupsOf, type Endpoint, type Family } from "../../sockets/index.ts";
import type { Guest } from "../guest.ts";
import type { GuestMemory } from "../memory.ts";

const families: readonly Family[] = ["ipv4", "ipv6"];

export function familyOf(guest: Guest, place: number): Family {
  return families[place] ?? wrong(guest, "ip-address-family", place);
}

export function numberOfFamily(family: Family): number {
  return families.indexOf(family);
}

/** An `ip-socket-address` as twelve flat parameters. */
export function flatEndpoint(guest: Guest, [place, ...parts]: readonly number[]): Endpoint {
  const family = familyOf(guest, place!);
  const [port = 0] = parts;
  if (family === "ipv4") {
    const bytes = parts.slice(1, 5).map((byte) => byte & 0xff);
    return { family, address: bytes.join("."), port: port & 0xffff, scope: 0 };
  }
  const groups = parts.slice(2, 10).map((group) => group & 0xffff);
  return { family, address: fromGroups(groups), port: port & 0xffff, scope: parts[10]! >>> 0 };
}

/** An `ip-socket-address` in memory, whose place was checked. */
export function endpointAt(guest: Guest, { view }: GuestMemory, at: number): Endpoint {
  const family = familyOf(guest, view.getUint8(at));
  const port = view.getUint16(at + 4, true);
  if (family === "ipv4") {
    const bytes = [6, 7, 8, 9].map((offset) => view.getUint8(at + offset));
    return { family, address: bytes.join("."), port, scope: 0 };
  }
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 12 + i * 2, true));
  return { family, address: fromGroups(groups), port, scope: view.getUint32(at + 28, true) };
}

/** Writes an `ip-socket-address`. */
export function putEndpoint({ view }: GuestMemory, at: number, { family, address, port, scope }: Endpoint): void {
  view.setUint8(at, numberOfFamily(family));
  view.setUint16(at + 4, port, true);
  if (family === "ipv4") return putBytes(view, at + 6, address);
  view.setUint32(at + 8, 0, true);
  putGroups(view, at + 12, address);
  view.setUint32(at + 28, scope, true);
}

/** Writes an `ip-address`. */
export function putAddress({ view }: GuestMemory, at: number, address: string): void {
  const isNew = address.includes(":");
  view.setUint8(at, Number(isNew));
  if (isNew) putGroups(view, at + 2, address);
  else putBytes(view, at + 2, address);
}

function putBytes(view: DataView, at: number, address: string): void {
  for (const [i, byte] of address.split(".").entries()) view.setUint8(at + i, Number(byte));
}

function putGroups(view: DataView, at: number, address: string): void {
  for (const [i, group] of groupsOf(address).entries()) view.setUint16(at + i * 2, group, true);
}

function wrong(guest: Guest, type: string, place: number): never {
  throw guest.fail("component-trapped", `there is no ${type} number ${place}`);
}
