;; Makes large arrays and keeps them, for as long as it can; never answers.
(module
  (type $longs (array (mut i64)))
  (type $all (array (mut (ref null $longs))))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (local $kept (ref null $all)) (local $at i32)
    (local.set $kept (array.new_default $all (i32.const 1000)))
    (loop $more
      (array.set $all (local.get $kept) (local.get $at) (array.new_default $longs (i32.const 1000000)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 1000))))))
