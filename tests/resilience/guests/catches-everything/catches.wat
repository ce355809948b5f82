;; Works for ever, and swallows every exception that anybody throws into it meanwhile: its own, and those of the host.
(module
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (tag $own)
  (memory (export "memory") 1)
  (func $work (param $turns i32)
    (loop $on
      (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
      (br_if $on (local.get $turns)))
    ;; More handles than it may have: the host throws.
    (drop (call $fields))
    (throw $own))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (loop $again
      (block $caught
        (try_table (catch_all $caught) (call $work (i32.const 1000))))
      (br $again))))
