import { isUtf8 } from "node:buffer";
import type { NewTime } from "./contract.ts";
import { isKept } from "./times.ts";

/** Milliseconds. */
const patience = 2000;
const environment = { PATH: "/usr/bin:/bin" };
let isThere = true;

/**
 * Sets those of the times that Node's floating point numbers could only come near to, by the system's `touch`; where
 * there is none that takes nanoseconds, they stay a quarter of a microsecond off. It is rare that this is called for:
 * programs set the present, whole seconds, or nothing.
 *
 * @param path begins with `/proc/self/`; what it ends with is a link to follow only where `follow` says so.
 */
export function setExactly(path: Buffer, follow: boolean, accessed: NewTime, modified: NewTime): void {
  if (typeof accessed === "bigint" && !isKept(accessed)) touch(path, follow, "-a", accessed);
  if (typeof modified === "bigint" && !isKept(modified)) touch(path, follow, "-m", modified);
}

function touch(path: Buffer, follow: boolean, which: "-a" | "-m", time: bigint): void {
  if (!isThere || !isUtf8(path)) return;
  const ours = path.toString("utf8").replace("/proc/self/", `/proc/${process.pid}/`);
  const options = ["-c", ...(follow ? [] : ["-h"]), which, "-d", `@${decimal(time)}`, ours];
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { error } = spawnSync("touch", options, { env: environment, stdio: "ignore", timeout: patience });
  isThere = (error as NodeJS.ErrnoException | undefined)?.code !== "ENOENT";
}

/** Nanoseconds as seconds with nine places. */
function decimal(time: bigint): string {
  const digits = String(time < 0n ? -time : time).padStart(10, "0");
  return `${time < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
