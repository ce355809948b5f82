;; Takes 10 ms and more where it is asked for memory, as a language does that collects its garbage then. Answers 200.
(module
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $target (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $turns i32)
    (local.set $turns (i32.const 5000000))
    (loop $more
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get $turns)))
      (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
      (br_if $more (local.get $turns)))
    (i32.const 1024))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (call $target (local.get $request) (i32.const 8))
    (call $set (local.get $outparam) (i32.const 0) (call $response (call $fields))
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
