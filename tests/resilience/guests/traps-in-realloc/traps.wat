;; Traps where the host asks it for memory.
(module
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $target (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (call $target (local.get $request) (i32.const 8))))
