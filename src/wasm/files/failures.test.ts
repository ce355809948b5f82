import { constants } from "node:os";
import { expect, test } from "vitest";
import { errno } from "../host/preview1/errno-numbers.ts";
import { errnoOf } from "../host/preview1/errno.ts";
import { refusalOf } from "./failures.ts";

/** Other words of the system for the same. */
const same: Readonly<Record<string, string>> = {
  EOPNOTSUPP: "notsup",
  ENOSYS: "notsup",
  ENFILE: "mfile",
};

/** What only other than files refuses, or what no interface of files has a word for. */
const io = new Set(
  (
    "E2BIG EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EBADMSG ECANCELED ECHILD ECONNABORTED ECONNREFUSED ECONNRESET " +
    "EDESTADDRREQ EDOM EFAULT EHOSTUNREACH EIDRM EISCONN EMULTIHOP ENETDOWN ENETRESET ENETUNREACH ENOBUFS ENODATA ENOEXEC " +
    "ENOLINK ENOMSG ENOPROTOOPT ENOSR ENOSTR ENOTCONN ENOTSOCK EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE ESRCH ESTALE ETIME " +
    "ETIMEDOUT"
  ).split(" "),
);

/** Two names for one number, of which Node says the first. */
const { EWOULDBLOCK: _, ...errnos } = constants.errno;

test.each(Object.entries(errnos))(
  "what the system refuses with %s is what a module of WASI 0.1 is told",
  (code, number) => {
    const told = errnoOf(refusalOf(Object.assign(new Error(code), { code, errno: -number })));
    const [name] = Object.entries(errno).find(([, value]) => value === told)!;
    expect(name).toBe(io.has(code) ? "io" : (same[code] ?? code.slice(1).toLowerCase()));
  },
);
