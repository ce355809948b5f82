import { BandstandError } from "../../foundation/errors/index.ts";

/** `HOST:PORT`, `[::1]:PORT`. Throws `usage`. */
export function adminAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) {
    const what = host === undefined ? `HOST:PORT, got "${text}"` : `a port of at most 65535, got ${port}`;
    throw new BandstandError("usage", `up: --admin: expected ${what}`, {
      remedy: "For example --admin 127.0.0.1:9090",
    });
  }
  return { host, port: Number(port) };
}
