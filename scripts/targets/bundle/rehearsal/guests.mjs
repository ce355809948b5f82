import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { componentEmbed, componentNew, parse, preview1AdapterCommandPath } from "@bytecodealliance/jco";

/** A hello of WASI 0.1, as C libraries have it. */
const module1 = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "\\40\\00\\00\\00\\0e\\00\\00\\00")
  (data (i32.const 64) "Hello, world!\\n")
  (func (export "_start") (local $rounds i32)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 2048)))
    (drop (call $environ_sizes (i32.const 0) (i32.const 4)))
    (drop (call $environ (i32.const 1024) (i32.const 2048)))
    (drop (call $prestat (i32.const 3) (i32.const 8)))
    (drop (call $fdstat (i32.const 1) (i32.const 128)))
    (loop $again
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $rounds) (i32.const 3))))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))
    (call $exit (i32.const 0))))`;

/** One that reads its input to the end. */
const reading1 = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "\\40\\00\\00\\00\\00\\10\\00\\00")
  (func (export "_start")
    (loop $again
      (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 32)))
      (br_if $again (i32.load (i32.const 32))))))`;

/** A hello of WASI 0.2 as Rust's std has it. */
const module2 = `(module
  (import "wasi:cli/environment@0.2.6" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/environment@0.2.6" "get-arguments" (func $arguments (param i32)))
  (import "wasi:cli/exit@0.2.6" "exit" (func $exit (param i32)))
  (import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
  (import "wasi:cli/terminal-stdout@0.2.6" "get-terminal-stdout" (func $terminal (param i32)))
  (import "wasi:io/streams@0.2.6" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:io/streams@0.2.6" "[method]output-stream.check-write" (func $room (param i32 i32)))
  (import "wasi:io/streams@0.2.6" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.6" "[method]output-stream.blocking-flush" (func $flush (param i32 i32)))
  (import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.6" "[resource-drop]pollable" (func $drop_pollable (param i32)))
  (import "wasi:io/streams@0.2.6" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "Hello, world!\\n")
  (global $top (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
  (func (export "wasi:cli/run@0.2.6#run") (result i32) (local $to i32) (local $ready i32) (local $rounds i32)
    (call $environment (i32.const 128))
    (call $arguments (i32.const 128))
    (local.set $to (call $stdout))
    (call $terminal (i32.const 128))
    (local.set $ready (call $subscribe (local.get $to)))
    (loop $again
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $rounds) (i32.const 3))))
    (call $block (local.get $ready))
    (call $room (local.get $to) (i32.const 128))
    (call $write (local.get $to) (i32.const 64) (i32.const 14) (i32.const 128))
    (call $flush (local.get $to) (i32.const 128))
    (call $drop_pollable (local.get $ready))
    (call $drop_stream (local.get $to))
    (i32.const 0)))`;
const world2 = `package t:t;
world w {
  import wasi:io/poll@0.2.6;
  import wasi:io/streams@0.2.6;
  import wasi:cli/environment@0.2.6;
  import wasi:cli/exit@0.2.6;
  import wasi:cli/stdout@0.2.6;
  import wasi:cli/terminal-stdout@0.2.6;
  export wasi:cli/run@0.2.6;
}
package wasi:io@0.2.6 {
  interface error { resource error; }
  interface poll { resource pollable { block: func(); } }
  interface streams {
    use error.{error};
    use poll.{pollable};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream {
      check-write: func() -> result<u64, stream-error>;
      write: func(contents: list<u8>) -> result<_, stream-error>;
      blocking-flush: func() -> result<_, stream-error>;
      subscribe: func() -> pollable;
    }
  }
}
package wasi:cli@0.2.6 {
  interface environment { get-environment: func() -> list<tuple<string, string>>; get-arguments: func() -> list<string>; }
  interface exit { exit: func(status: result); }
  interface run { run: func() -> result; }
  interface stdout { use wasi:io/streams@0.2.6.{output-stream}; get-stdout: func() -> output-stream; }
  interface terminal-output { resource terminal-output; }
  interface terminal-stdout {
    use terminal-output.{terminal-output};
    get-terminal-stdout: func() -> option<terminal-output>;
  }
}`;

/** A hello of WASI 0.3. */
const module3 = `(module
  (import "wasi:cli/stdout@0.3.0" "write-via-stream" (func $to_stdout (param i32) (result i32)))
  (import "wasi:cli/stdout@0.3.0" "[stream-new-0]write-via-stream" (func $new (result i64)))
  (import "wasi:cli/stdout@0.3.0" "[async-lower][stream-write-0]write-via-stream"
    (func $write (param i32 i32 i32) (result i32)))
  (import "wasi:cli/stdout@0.3.0" "[stream-drop-writable-0]write-via-stream" (func $drop (param i32)))
  (import "[export]wasi:cli/run@0.3.0" "[task-return]run" (func $return (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "Hello, world!\\n")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "[async-lift]wasi:cli/run@0.3.0#run") (result i32) (local $ends i64) (local $to i32) (local $rounds i32)
    (local.set $ends (call $new))
    (drop (call $to_stdout (i32.wrap_i64 (local.get $ends))))
    (local.set $to (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (loop $again
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $rounds) (i32.const 3))))
    (drop (call $write (local.get $to) (i32.const 64) (i32.const 14)))
    (call $drop (local.get $to))
    (call $return (i32.const 0))
    (i32.const 0))
  (func (export "[callback][async-lift]wasi:cli/run@0.3.0#run") (param i32 i32 i32) (result i32) (unreachable)))`;
const world3 = `package t:t;
world w { import wasi:cli/stdout@0.3.0; export wasi:cli/run@0.3.0; }
package wasi:cli@0.3.0 {
  interface types { enum error-code { io, illegal-byte-sequence, pipe } }
  interface stdout {
    use types.{error-code};
    write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;
  }
  interface run { run: async func() -> result; }
}`;

/** Writes guests that do what most short ones do; answers their files by names. */
export async function writeGuests(folder) {
  await mkdir(folder, { recursive: true });
  const [one, reads, two, three] = await Promise.all([module1, reading1, module2, module3].map((text) => parse(text)));
  const adapter = ["wasi_snapshot_preview1", await readFile(preview1AdapterCommandPath())];
  const guests = {
    one,
    reads,
    adapted: await componentNew(one, [adapter]),
    two: await componentNew(await componentEmbed({ binary: two, witSource: world2, worldName: "w" }), []),
    three: await componentNew(await componentEmbed({ binary: three, witSource: world3, worldName: "w" }), []),
  };
  const files = {};
  for (const [name, bytes] of Object.entries(guests)) {
    files[name] = join(folder, `${name}.wasm`);
    await writeFile(files[name], bytes);
  }
  return files;
}
