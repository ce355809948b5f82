;; Waits for another thread to change a value in its shared memory, which nobody will; first as often as it may with an
;; end, then without one. Never answers.
(module
  (memory $shared 1 1 shared)
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (local $rounds i32)
    (loop $more
      (br_if $more (i32.and
        (i32.eq (memory.atomic.wait32 $shared (i32.const 8) (i32.const 0) (i64.const 1000000000000)) (i32.const 2))
        (i32.lt_u (local.tee $rounds (i32.add (local.get $rounds) (i32.const 1))) (i32.const 1000)))))
    (drop (memory.atomic.notify $shared (i32.const 8) (i32.const 1)))
    (drop (memory.atomic.wait64 $shared (i32.const 8) (i64.const 0) (i64.const -1)))))
