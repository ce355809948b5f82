;; Takes all the memory that it gets and fills it by one instruction, then copies it by another, without end; never answers.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32) (local $bytes i32)
    (block $full
      (loop $more
        (br_if $full (i32.eq (memory.grow (i32.const 16)) (i32.const -1)))
        (br $more)))
    (local.set $bytes (i32.mul (memory.size) (i32.const 65536)))
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (local.get $bytes))
      (memory.copy (i32.const 65536) (i32.const 0) (i32.sub (local.get $bytes) (i32.const 65536)))
      (br $again))))
