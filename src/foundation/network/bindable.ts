import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { BlockList, isIPv6 } from "node:net";

/** `TCP_LISTEN` of Linux, as `/proc/net/tcp` writes it. */
const listening = "0A";
const anyAddress = /^0+$/;

/**
 * Why a port (0: any) cannot be opened now, as the system says it; undefined where it can. Nothing of TCP is opened to find out:
 * Node binds such a port only by listening on it, and clients that wait for a site would take that for the site.
 * What listens stands in `/proc`; that an address is this machine's, and a port below 1024 allowed, is the same for UDP.
 */
export async function failureToBind(
  host: string,
  port: number,
  transport: "tcp" | "udp" = "tcp",
): Promise<NodeJS.ErrnoException | undefined> {
  if (transport === "tcp" && port !== 0 && (await isListenedOn(host, port))) {
    const message = `listen EADDRINUSE: address already in use ${host}:${port}`;
    return Object.assign(new Error(message), { code: "EADDRINUSE", syscall: "listen", address: host, port });
  }
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, "listening");
    return undefined;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    // A server of UDP there, of HTTP/3 for one, is in nobody's way.
    return transport === "tcp" && failure.code === "EADDRINUSE" ? undefined : failure;
  } finally {
    socket.close();
  }
}

async function isListenedOn(host: string, port: number): Promise<boolean> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/self/net/${name}`, "latin1").catch(() => "")),
  );
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .some(([, local = "", , state]) => state === listening && local.endsWith(suffix) && overlap(host, local));
}

/** An address of a table as the kernel holds it: words of four bytes, in the order of this machine. */
function overlap(host: string, local: string): boolean {
  const words = local.slice(0, local.indexOf(":"));
  if (anyAddress.test(words) || host === "0.0.0.0" || host === "::") return true;
  const bytes = words.match(/.{8}/g)!.map((word) => word.match(/../g)!.toReversed());
  const other = new BlockList();
  if (bytes.length === 1) other.addAddress(bytes[0]!.map((byte) => parseInt(byte, 16)).join("."), "ipv4");
  else other.addAddress(bytes.map(([a, b, c, d]) => `${a}${b}:${c}${d}`).join(":"), "ipv6");
  return other.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}
