import { createSocket } from "node:dgram";
import { once } from "node:events";
import { open, readdir, readlink } from "node:fs/promises";
import { BlockList, isIPv6 } from "node:net";

/** `TCP_LISTEN` of Linux, as `/proc/net/tcp` writes it. */
const listening = "0A";
const anyAddress = /^0+$/;
/** Which column of those tables it is. */
const inode = 9;

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

/**
 * Whether a socket of another process stands on a port on which this one listens: with SO_REUSEPORT, two that open a port
 * in the same moment share it, and neither was there when the other one looked. False where a system does not tell.
 */
export async function isSharedWithOthers(
  host: string,
  port: number,
  transport: "tcp" | "udp" = "tcp",
): Promise<boolean> {
  const sockets = new Set(await socketsOn(host, port, transport));
  if (sockets.size === 0) return false;
  for (const descriptor of await readdir("/proc/self/fd")) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => "");
    if (sockets.delete(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "") && sockets.size === 0) return false;
  }
  return true;
}

async function isListenedOn(host: string, port: number): Promise<boolean> {
  return (await socketsOn(host, port, "tcp")).length > 0;
}

/** Inodes of the sockets on a port, where an address overlaps theirs: of TCP those that listen, of UDP all. */
async function socketsOn(host: string, port: number, transport: "tcp" | "udp"): Promise<string[]> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(
    [transport, `${transport}6`].map((name) => tableOf(name, transport === "tcp").catch(() => "")),
  );
  return (
    tables
      .flatMap((table) => table.split("\n"))
      // Of tens of thousands of lines that a busy machine has, these few are read.
      .filter((line) => line.includes(`${suffix} `))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = "", , state]) => (transport === "udp" || state === listening) && local.endsWith(suffix))
      .filter(([, local = ""]) => overlap(host, local))
      .map((fields) => fields[inode] ?? "")
  );
}

/**
 * A table of the kernel's. Of TCP, those that listen come first: what follows, tens of thousands of connections perhaps, is
 * not asked for.
 */
async function tableOf(name: string, listenersOnly: boolean): Promise<string> {
  const file = await open(`/proc/self/net/${name}`);
  try {
    const piece = Buffer.alloc(4096);
    let text = "";
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return text;
      text += piece.toString("latin1", 0, bytesRead);
      const state = lastWhole(text).trim().split(/\s+/)[3];
      if (listenersOnly && state !== listening && state !== "st") return text;
    }
  } finally {
    await file.close();
  }
}

/** What the kernel gave may end within a line. */
function lastWhole(text: string): string {
  const end = text.lastIndexOf("\n");
  return text.slice(text.lastIndexOf("\n", end - 1) + 1, end);
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
