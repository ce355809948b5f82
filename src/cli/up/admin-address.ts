import { BandstandError } from "../../foundation/errors/index.ts";
import { expectedAddress, hostAndPort } from "../program/host-and-port.ts";

/** `HOST:PORT`, `[::1]:PORT`. Throws `usage`. */
export function adminAddress(text: string): { host: string; port: number } {
  const address = hostAndPort(text);
  if (address === undefined || address.port > 65_535) {
    throw new BandstandError("usage", `up: --admin: ${expectedAddress("HOST:PORT", text)}`, {
      remedy: "For example --admin 127.0.0.1:9090",
    });
  }
  return address;
}
