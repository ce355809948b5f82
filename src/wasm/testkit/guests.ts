import { componentOf, wat } from "./wat.ts";

const http = "wasi:http/types@0.2.3";

/** WIT of a small part of WASI, with all that makes a linker think: resources, results, lists, realloc. */
const smallWit = `package t:t;
world w {
  import wasi:http/types@0.2.3;
  import wasi:io/streams@0.2.3;
  import wasi:random/random@0.2.0;
  export wasi:http/incoming-handler@0.2.3;
}
package wasi:random@0.2.0 { interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; } }
package wasi:io@0.2.3 { interface streams { resource output-stream { write: func(contents: list<u8>) -> result; } } }
package wasi:http@0.2.3 {
  interface types {
    use wasi:io/streams@0.2.3.{output-stream};
    resource fields { constructor(); }
    resource request { method: func() -> string; }
    resource response { constructor(headers: fields); body: func() -> result<output-stream>; }
  }
  interface incoming-handler { use types.{request, response}; handle: func(request: request) -> response; }
}`;

/** A core module that uses all of it: reads the method, writes it twice, answers. */
const smallCore = `(module $small
  (import "${http}" "[method]request.method" (func $method (param i32 i32)))
  (import "${http}" "[resource-drop]request" (func $drop (param i32)))
  (import "${http}" "[constructor]fields" (func $fields (result i32)))
  (import "${http}" "[constructor]response" (func $response (param i32) (result i32)))
  (import "${http}" "[method]response.body" (func $body (param i32 i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.write" (func $write (param i32 i32 i32) (result i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream" (func $dropStream (param i32)))
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))
  (import "wasi:random/random@0.2.0" "get-random-bytes" (func $bytes (param i64 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func (export "cabi_post_wasi:http/incoming-handler@0.2.3#handle") (param i32))
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param $request i32) (result i32) (local $answer i32) (local $stream i32)
    (call $method (local.get $request) (i32.const 16))
    (call $drop (local.get $request))
    (local.set $answer (call $response (call $fields)))
    (call $body (local.get $answer) (i32.const 32))
    (local.set $stream (i32.load (i32.const 36)))
    (drop (call $write (local.get $stream) (i32.load (i32.const 16)) (i32.load (i32.const 20))))
    (call $bytes (i64.const 8) (i32.const 48))
    (drop (call $write (local.get $stream) (i32.load (i32.const 48)) (i32.load (i32.const 52))))
    (drop (call $random))
    (call $dropStream (local.get $stream))
    (local.get $answer)))`;

/** The component of both, as wit-component makes it. */
export async function smallComponent(): Promise<Uint8Array> {
  return componentOf(await wat(smallCore), smallWit);
}
