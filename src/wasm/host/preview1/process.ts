import { fillRandom } from "../../../foundation/chance/index.ts";
import { exit } from "../cli/exit.ts";
import { host, type Function } from "../define.ts";
import { hostLimits } from "../limits.ts";
import { errno } from "./errno-numbers.ts";
import { attempt, Refused } from "./errno.ts";
import { descriptorsOf, worldOf } from "./world.ts";

/** Signals that are ignored where nobody handles them: none, chld, cont, urg, winch. */
const ignored = new Set([0, 16, 17, 22, 27]);
/** Those that would stop it, which nothing here could make go on: stop, tstp, ttin, ttou. */
const stopping = new Set([18, 19, 20, 21]);
const lastSignal = 30;
/** As a shell says which signal ended a program. */
const signalled = 128;

/** What any socket function says: programs are handed none, so no descriptor is one. */
function noSocket(signature: string): Function {
  return host(signature, (guest) => (fd: number) => {
    return attempt(() => {
      descriptorsOf(guest).get(fd);
      throw new Refused("notsock");
    });
  });
}

export const processFunctions: Record<string, Function> = {
  proc_exit: host("i", (guest) => (code: number) => {
    worldOf(guest);
    return exit(guest, code & 0xff);
  }),
  proc_raise: host("i:i", (guest) => (signal: number) => {
    worldOf(guest);
    const number = signal >>> 0;
    if (number > lastSignal) return errno.inval;
    if (stopping.has(number)) return errno.notsup;
    return ignored.has(number) ? errno.success : exit(guest, signalled + number);
  }),
  sched_yield: host(":i", () => () => errno.success),
  random_get: host("ii:i", (guest, memory) => (buffer: number, size: number) => {
    const length = size >>> 0;
    if (length > hostLimits.randomBytes && guest.command?.alone !== true) {
      const message = `${length} random bytes in one call, at most ${hostLimits.randomBytes} are given`;
      throw guest.fail("component-resources", message);
    }
    guest.worked(length);
    const at = memory.at(buffer, length);
    const target = memory.bytes.subarray(at, at + length);
    // Kept only where the program may have to begin again, or did.
    if (guest.exchange === undefined || guest.isOnce) fillRandom(target);
    else target.set(guest.once(() => fillRandom(Buffer.allocUnsafe(length))));
    return errno.success;
  }),
};

export const socketFunctions: Record<string, Function> = {
  sock_accept: noSocket("iii:i"),
  sock_recv: noSocket("iiiiii:i"),
  sock_send: noSocket("iiiii:i"),
  sock_shutdown: noSocket("ii:i"),
};
