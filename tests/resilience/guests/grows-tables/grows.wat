;; Grows its table for as long as it can, then does it anew in a loop, and never answers.
(module
  (table $hoard 1 externref)
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $outparam i32)
    (loop $more
      (br_if $more (i32.ne (table.grow $hoard (ref.null extern) (i32.const 10000)) (i32.const -1))))))
