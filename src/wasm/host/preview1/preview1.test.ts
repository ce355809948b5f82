import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileErrorCodes, FileError } from "../../files/index.ts";
import { errno } from "./errno-numbers.ts";
import { errnoOf } from "./errno.ts";
import { preview1 } from "./index.ts";
import { right } from "./rights.ts";
import { Program } from "./testkit.ts";

const snapshot = preview1["wasi_snapshot_preview1"]!.functions;
const folder = mkdtempSync(join(tmpdir(), "bandstand-preview1-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let program: Program;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(folder, "home-"));
  program = new Program({}, [{ host: home, guest: "/home", readOnly: false }]);
});
afterEach(() => program.close());

describe("the tables", () => {
  it("hold the 46 functions, and 45 of the draft before", () => {
    expect(Object.keys(snapshot)).toHaveLength(46);
    expect(Object.keys(preview1["wasi_unstable"]!.functions)).toHaveLength(45);
  });

  it("name errors by the numbers of the specification", () => {
    const some = {
      success: 0,
      acces: 2,
      badf: 8,
      exist: 20,
      inval: 28,
      noent: 44,
      notsock: 57,
      perm: 63,
      notcapable: 76,
    };
    expect(errno).toMatchObject(some);
    expect(Object.keys(errno)).toHaveLength(77);
    const ofFiles = fileErrorCodes.map((code) => `${code} ${errnoOf(new FileError(code))}`);
    expect(ofFiles.join(", ")).toBe(
      "access 2, would-block 6, already 7, bad-descriptor 8, busy 10, deadlock 16, quota 19, exist 20, file-too-large 22, " +
        "illegal-byte-sequence 25, in-progress 26, interrupted 27, invalid 28, io 29, is-directory 31, loop 32, " +
        "too-many-links 34, message-size 35, name-too-long 37, no-device 43, no-entry 44, no-lock 46, " +
        "insufficient-memory 48, insufficient-space 51, not-directory 54, not-empty 55, not-recoverable 56, " +
        "unsupported 58, no-tty 59, no-such-device 60, overflow 61, not-permitted 63, pipe 64, read-only 69, " +
        "invalid-seek 70, text-file-busy 74, cross-device 75, too-many-open-files 33",
    );
  });
});

describe("hostile calls", () => {
  /** Functions that take no pointer, or only descriptors and numbers. */
  const harmless = new Set(["proc_exit", "proc_raise", "sched_yield"]);

  it.each(Object.keys(snapshot).filter((name) => !harmless.has(name)))(
    "%s with wild arguments answers an errno or ends the program, and touches nothing else",
    async (name) => {
      const wild = { i32: [-1, 0, 3, 4, 65_535, 65_533, 0x7fff_ffff, 0x8000_0000 | 0], i64: [-1n, 0n, 1n << 63n, 7n] };
      const { params } = snapshot[name]!;
      for (let turn = 0; turn < 60; turn++) {
        const args = params.map((type, i) => {
          const values = wild[type as "i32" | "i64"];
          return values[(turn * 7 + i * 5 + ((turn * i) >> 1)) % values.length]!;
        });
        program.guest.failure = undefined;
        const deadline = new Promise<number>((resolve) => setTimeout(resolve, 20, 0).unref());
        let outcome: unknown;
        try {
          outcome = await Promise.race([program.wait(name, ...args), deadline]);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^component-/) });
          continue;
        }
        expect(outcome).toSatisfy((number: number) => number >= 0 && number <= 76);
      }
    },
  );

  it("a pointer that is not aligned ends the program", () => {
    expect(() => program.call("fd_fdstat_get", 1, 1)).toThrow(/not aligned/);
  });

  it("more buffers than 1024, paths that are no text or endless, flags that mean nothing are refused", () => {
    expect(program.call("fd_write", 1, 0, 1025, 0)).toBe(errno.inval);
    program.memory.bytes.set([0xff, 0xfe], 100);
    expect(program.call("path_create_directory", 3, 100, 2)).toBe(errno.ilseq);
    program.memory.bytes.fill("a");
    expect(program.call("path_unlink_file", 3, 0, 65_536)).toBe(errno.nametoolong);
    expect(program.call("path_open", 3, 2, ...program.text("a"), 0, 0n, 0n, 0, 0)).toBe(errno.inval);
    expect(program.call("path_open", 3, 0, ...program.text("a"), 64, 0n, 0n, 0, 0)).toBe(errno.inval);
    expect(program.call("fd_filestat_set_times", 3, 0n, 0n, 3)).toBe(errno.inval);
  });

  it("no more files are open than there may be", () => {
    const at = program.place(4);
    let refused = 0;
    for (let i = 0; i < 1001 && refused === 0; i++)
      refused = program.call("path_open", 3, 0, ...([0, 0] as const), 0, 2n, 0n, 0, at);
    expect(refused).toBe(errno.noent);
    writeFileSync(join(home, "a"), "");
    const [pointer, size] = program.text("a");
    for (let i = 0; i < 1001 && refused !== errno.mfile; i++)
      refused = program.call("path_open", 3, 0, pointer, size, 0, 2n, 0n, 0, at);
    expect(refused).toBe(errno.mfile);
  });
});

describe("descriptors", () => {
  it("are stdio, the granted folders, then the smallest number that is free", () => {
    const at = program.place(8);
    expect(program.call("fd_prestat_get", 3, at)).toBe(0);
    expect(program.u32(at + 4)).toBe("/home".length);
    expect(program.call("fd_prestat_dir_name", 3, at, 5)).toBe(0);
    expect(program.memory.bytes.toString("utf8", at, at + 5)).toBe("/home");
    expect(program.call("fd_prestat_dir_name", 3, at, 4)).toBe(errno.nametoolong);
    expect([0, 1, 2, 4].map((fd) => program.call("fd_prestat_get", fd, at))).toEqual(Array(4).fill(errno.badf));
    expect([program.open("a", 1), program.open("b", 1), program.open("c", 1)]).toEqual([4, 5, 6]);
    expect(program.call("fd_close", 5)).toBe(0);
    expect(program.call("fd_close", 5)).toBe(errno.badf);
    expect(program.open("b")).toBe(5);
  });

  it("move by fd_renumber, only onto one that is open", () => {
    const [a, b] = [program.open("a", 1), program.open("b", 1)];
    program.call("fd_write", a, ...program.vector(...program.text("one")), program.place(4));
    expect(program.call("fd_renumber", a, 77)).toBe(errno.badf);
    expect(program.call("fd_renumber", 77, a)).toBe(errno.badf);
    expect(program.call("fd_renumber", a, a)).toBe(0);
    expect(program.call("fd_renumber", a, b)).toBe(0);
    const at = program.place(8);
    expect(program.call("fd_tell", b, at)).toBe(0);
    expect(program.u64(at)).toBe(3n);
    expect(program.call("fd_tell", a, at)).toBe(errno.badf);
  });

  it("lose the rights that are given up, and get none back", () => {
    const at = program.place(24);
    const file = program.open("a", 1);
    program.call("fd_fdstat_get", file, at);
    const base = program.u64(at + 8);
    expect(Number(base) & right.fd_read).not.toBe(0);
    const less = base & ~BigInt(right.fd_read | right.fd_write);
    expect(program.call("fd_fdstat_set_rights", file, less, 0n)).toBe(0);
    program.call("fd_fdstat_get", file, at);
    expect(program.u64(at + 8)).toBe(less);
    expect(program.call("fd_write", file, ...program.vector(0, 1), at)).toBe(errno.notcapable);
    expect(program.call("fd_fdstat_set_rights", file, base, 0n)).toBe(errno.notcapable);
    // What is opened through a directory inherits the loss.
    program.call("fd_fdstat_get", 3, at);
    const [own, below] = [program.u64(at + 8), program.u64(at + 16)];
    expect(program.call("fd_fdstat_set_rights", 3, own, below & ~BigInt(right.fd_write))).toBe(0);
    const opened = program.open("b", 1);
    expect(program.call("fd_write", opened, ...program.vector(0, 1), at)).toBe(errno.notcapable);
  });

  it("take append and nonblock as flags; what concerns the disk is decided by opening", () => {
    const file = program.open("a", 1, undefined, 16);
    const at = program.place(24);
    program.call("fd_fdstat_get", file, at);
    expect(program.memory.view.getUint16(at + 2, true)).toBe(16);
    expect(program.call("fd_fdstat_set_flags", file, 16 | 1)).toBe(0);
    expect(program.call("fd_fdstat_set_flags", file, 1)).toBe(errno.inval);
    expect(program.call("fd_fdstat_set_flags", 3, 0)).toBe(errno.badf);
  });

  it("that are to be appended to are written to, where no right is asked for, as Rust of 2019 does", () => {
    const at = program.place(4);
    for (const [rights, expected] of [
      [BigInt(right.fd_seek), 0],
      [BigInt(right.fd_read), errno.badf],
    ] as const) {
      const file = program.open("log", 1, rights, 1);
      expect(program.call("fd_write", file, ...program.vector(0, 1), at)).toBe(expected);
    }
    expect(readFileSync(join(home, "log"))).toHaveLength(1);
  });

  it("of stdio tell whether a person sits there, and have no places", () => {
    const at = program.place(64);
    const types = [0, 1, 2].map((fd) => {
      program.call("fd_fdstat_get", fd, at);
      const type = program.memory.view.getUint8(at);
      program.call("fd_filestat_get", fd, at);
      return [type, program.memory.view.getUint8(at + 16)];
    });
    expect(types).toEqual([
      [0, 0],
      [2, 2],
      [0, 0],
    ]);
    for (const name of ["fd_seek", "fd_tell"]) {
      const more = name === "fd_seek" ? [0n, 0, at] : [at];
      expect(program.call(name, 1, ...more)).toBe(errno.spipe);
    }
    expect(program.call("fd_pread", 0, ...program.vector(0, 1), 0n, at)).toBe(errno.spipe);
    expect(program.call("fd_read", 1, ...program.vector(0, 1), at)).toBe(errno.badf);
    expect(program.call("fd_write", 0, ...program.vector(0, 1), at)).toBe(errno.badf);
  });

  it("are no sockets", () => {
    const calls: [string, ...number[]][] = [
      ["sock_accept", 0, 0],
      ["sock_recv", 0, 0, 0, 0, 0],
      ["sock_send", 0, 0, 0, 0],
      ["sock_shutdown", 0],
    ];
    for (const [name, ...rest] of calls) {
      expect(program.call(name, 3, ...rest)).toBe(errno.notsock);
      expect(program.call(name, 99, ...rest)).toBe(errno.badf);
    }
  });
});

describe("files", () => {
  it("are read and written by several buffers, at a place, behind the end, and moved in", () => {
    const file = program.open("a", 1);
    const [size, many] = [program.place(8), program.place(16)];
    const [one, two] = [program.text("drum"), program.text("stick")];
    for (const [i, [pointer, length]] of [one, two].entries()) {
      program.memory.view.setUint32(many + i * 8, pointer, true);
      program.memory.view.setUint32(many + i * 8 + 4, length, true);
    }
    expect(program.call("fd_write", file, many, 2, size)).toBe(0);
    expect(program.u32(size)).toBe(9);
    expect(program.call("fd_pwrite", file, ...program.vector(...program.text("D")), 0n, size)).toBe(0);
    expect(program.call("fd_fdstat_set_flags", file, 1)).toBe(0);
    expect(program.call("fd_seek", file, 0n, 0, size)).toBe(0);
    expect(program.call("fd_write", file, ...program.vector(...program.text("s")), size)).toBe(0);
    expect(readFileSync(join(home, "a"), "utf8")).toBe("Drumsticks");
    expect(program.call("fd_seek", file, -4n, 2, size)).toBe(0);
    expect(program.u64(size)).toBe(6n);
    const into = program.place(100);
    expect(program.call("fd_read", file, ...program.vector(into, 100), size)).toBe(0);
    expect(program.memory.bytes.toString("utf8", into, into + program.u32(size))).toBe("icks");
    expect(program.call("fd_seek", file, -1n, 0, size)).toBe(errno.inval);
    expect(program.call("fd_seek", file, 0n, 3, size)).toBe(errno.inval);
  });

  it("that were created to be read are not written", () => {
    const file = program.open("a", 1, BigInt(right.fd_read));
    const at = program.place(24);
    program.call("fd_fdstat_get", file, at);
    expect(Number(program.u64(at + 8)) & right.fd_write).toBe(0);
    expect(program.call("fd_write", file, ...program.vector(0, 1), at)).toBe(errno.badf);
    expect(program.call("fd_pwrite", file, ...program.vector(0, 1), 0n, at)).toBe(errno.badf);
  });

  it("grow by fd_allocate and change by fd_filestat_set_size", () => {
    const file = program.open("a", 1);
    expect(program.call("fd_allocate", file, 100n, 50n)).toBe(0);
    expect(statSync(join(home, "a")).size).toBe(150);
    expect(program.call("fd_allocate", file, 0n, 10n)).toBe(0);
    expect(statSync(join(home, "a")).size).toBe(150);
    expect(program.call("fd_allocate", file, 0n, 0n)).toBe(errno.inval);
    expect(program.call("fd_filestat_set_size", file, 3n)).toBe(0);
    expect(statSync(join(home, "a")).size).toBe(3);
    expect(program.call("fd_advise", file, 0n, 0n, 6)).toBe(errno.inval);
    expect(program.call("fd_advise", file, -1n, 0n, 0)).toBe(errno.inval);
    expect(program.call("fd_advise", file, 0n, 0n, 3)).toBe(0);
  });

  it("have times to the nanosecond, by descriptor and by path, through a link or not", () => {
    program.open("a", 1);
    symlinkSync("a", join(home, "link"));
    const time = 1_700_000_000_123_456_000n;
    expect(program.call("path_filestat_set_times", 3, 1, ...program.text("link"), time, time, 5)).toBe(0);
    const at = program.place(64);
    expect(program.call("path_filestat_get", 3, 0, ...program.text("a"), at)).toBe(0);
    expect([program.u64(at + 40), program.u64(at + 48)]).toEqual([time, time]);
    expect(program.memory.view.getUint8(at + 16)).toBe(4);
    expect(program.call("path_filestat_get", 3, 0, ...program.text("link"), at)).toBe(0);
    expect(program.memory.view.getUint8(at + 16)).toBe(7);
    expect(program.u64(at + 48)).not.toBe(time);
  });

  it("outside of what is granted are not there", () => {
    symlinkSync("/etc", join(home, "etc"));
    for (const path of ["/etc/passwd", "../x", "etc/passwd"]) {
      expect(program.call("path_open", 3, 1, ...program.text(path), 0, 2n, 0n, 0, program.place(4))).toBe(errno.perm);
    }
    expect(program.call("path_symlink", ...program.text("/etc"), 3, ...program.text("x"))).toBe(errno.perm);
    expect(program.call("path_link", 3, 1, ...program.text("etc"), 3, ...program.text("x"))).toBe(errno.inval);
  });
});

describe("reading a directory", () => {
  const names = Array.from({ length: 40 }, (_, i) => `file-${String(i).padStart(2, "0")}`);

  /** All names, by calls with a buffer of a size. */
  function list(fd: number, size: number): string[] {
    const [buffer, used] = [program.place(size), program.place(4)];
    const found: string[] = [];
    let cookie = 0n;
    for (;;) {
      expect(program.call("fd_readdir", fd, buffer, size, cookie, used)).toBe(0);
      const end = buffer + program.u32(used);
      let at = buffer;
      while (at + 24 <= end) {
        const length = program.u32(at + 16);
        if (at + 24 + length > end) break;
        found.push(program.memory.bytes.toString("utf8", at + 24, at + 24 + length));
        cookie = program.memory.view.getBigUint64(at, true);
        at += 24 + length;
      }
      if (end < buffer + size) return found;
    }
  }

  it("goes on where it stopped, whatever the size of the buffer, and begins again", () => {
    for (const name of names) writeFileSync(join(home, name), "");
    for (const size of [33, 64, 100, 1000, 8192]) expect(list(3, size).sort()).toEqual([".", "..", ...names].sort());
    rmSync(join(home, names[0]!));
    expect(list(3, 500)).toHaveLength(names.length + 1);
  });

  it("goes back to a place that it gave, and gives inodes as filestat does", () => {
    for (const name of names) writeFileSync(join(home, name), "");
    const [buffer, used, stat] = [program.place(4096), program.place(4), program.place(64)];
    const nameAt = (cookie: bigint) => {
      program.call("fd_readdir", 3, buffer, 60, cookie, used);
      return program.memory.bytes.toString("utf8", buffer + 24, buffer + 24 + program.u32(buffer + 16));
    };
    const tenth = nameAt(10n);
    nameAt(30n);
    expect(nameAt(10n)).toBe(tenth);
    expect(program.call("path_filestat_get", 3, 0, ...program.text(tenth), stat)).toBe(0);
    expect(program.u64(stat + 8)).toBe(program.u64(buffer + 8));
    expect(program.call("fd_readdir", 3, buffer, 60, -1n, used)).toBe(errno.inval);
    expect(program.call("fd_readdir", 1, buffer, 60, 0n, used)).toBe(errno.badf);
    mkdirSync(join(home, "more"));
  });
});

describe("the process", () => {
  it("ends with its code, and with that of a signal", () => {
    expect(() => program.call("proc_exit", 258)).toThrow(/code 2/);
    expect(program.guest.command!.exitCode).toBe(2);
    const other = new Program();
    expect(other.call("proc_raise", 0)).toBe(0);
    expect(other.call("proc_raise", 17)).toBe(0);
    expect(other.call("proc_raise", 18)).toBe(errno.notsup);
    expect(other.call("proc_raise", 31)).toBe(errno.inval);
    expect(() => other.call("proc_raise", 6)).toThrow(/134/);
  });

  it("gets time and chance", () => {
    const at = program.place(64);
    for (const id of [0, 1, 2, 3]) expect(program.call("clock_res_get", id, at)).toBe(0);
    expect(program.call("clock_time_get", 4, 0n, at)).toBe(errno.inval);
    const before = Date.now();
    program.call("clock_time_get", 0, 0n, at);
    expect(Number(program.u64(at)) / 1e6).toBeGreaterThan(before - 100);
    expect(Number(program.u64(at)) / 1e6).toBeLessThan(Date.now() + 100);
    expect(program.call("random_get", at, 64)).toBe(0);
    expect(new Set(program.memory.bytes.subarray(at, at + 64)).size).toBeGreaterThan(20);
    expect(() => program.call("random_get", 65_535, 2)).toThrow(/outside/);
  });

  it("that was not started calls nothing", () => {
    program.guest.command = undefined;
    expect(() => program.call("fd_close", 1)).toThrow(/before it is started/);
  });
});
